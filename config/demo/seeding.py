"""The demo's year, brought in through the product's own doors and lived through in order.

Each step looks whether it is done, so that a killed start goes on where it was.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localtime

from campaigns.enums import ApologyReason
from campaigns.models import Apology, Campaign, Message, Offer, Template
from campaigns.operations.apologies import ask_for_apology
from campaigns.operations.claiming import LEASE
from campaigns.operations.launching import launch
from campaigns.operations.offers import save_offer
from campaigns.operations.redemptions import redeem
from campaigns.operations.sending import recover, send_until_dry
from campaigns.operations.templates import save_template
from campaigns.operations.tracking import record_click
from campaigns.queries.vouchers import code_of
from campaigns.rules.pricing import CartLine
from common.models import User
from config.demo.draws import Draw
from config.demo.files import Files, files_in, write_files
from config.demo.plans import ATTRIBUTES, CAMPAIGN, OFFER, PARTNERS, SEGMENTS, TEMPLATE
from config.demo.staff import sign_in_everybody
from consent.models import Notice, Purpose
from consent.operations.notices import Words, draft, publish, write
from customers.enums import CaseStatus, ImportState, OrderStatus, RfmGroup
from customers.models import AttributeDefinition, Case, Customer, ImportJob, Order
from customers.operations.attributes import declare_attribute
from customers.operations.imports import import_file
from customers.operations.notes import add_note, tag
from customers.operations.orders import Returned, return_lines
from customers.tasks import keep_who_was_seen, score_customers, see_what_customers_buy
from loyalty.tasks import close_day, follow_orders
from segments.models import Segment
from segments.operations.profiles import write_all_profiles
from segments.operations.refreshing import refresh
from segments.operations.saving import save_segment

# The campaign was sent so long before now; later orders are its result.
CAMPAIGN_DAYS_AGO = 21

# The day of the standard notice: whoever chose has seen the words.
IN_FORCE_SINCE = datetime(2020, 9, 18, 3, tzinfo=UTC)

INVENTED = "Invented for the demo"
# Of those who got the message, and of those who then bought enough.
CLICK_SHARE = 0.31
REDEEM_SHARE = 0.45
TAGGED, NOTED = 25, 8
RETURNED, LARGE = 12, Decimal(80)
NOTE = f"Asked us to call after six. ({INVENTED})"

# Told what is done now.
Say = Callable[[str], None]
Progress = Callable[[ImportJob], None]


@dataclass(frozen=True)
class Demo:
    """A demo to be told: where its files lie, what time it is, and who is told of progress."""

    folder: Path
    at: datetime
    say: Say
    progress: Progress

    @property
    def launched_at(self) -> datetime:
        """Ten in the morning, shop time, of the campaign's day."""
        day = localtime(self.at) - timedelta(days=CAMPAIGN_DAYS_AGO)
        return day.replace(hour=10, minute=0, second=0, microsecond=0)


def seed(demo: Demo, *, households: Collection[int] | None = None) -> None:
    """Bring the whole year in; what is there already is left as it is."""
    staff = sign_in_everybody()
    if Apology.objects.filter(reference="demo:waiting").exists():
        return
    files = _files(demo, households)
    _attributes(demo, by=staff["marina"])
    _partners(by=staff["paula"])
    for kind, path in (
        ("products", files.products),
        ("customers", files.customers),
        ("consents", files.consents),
        ("orders", files.orders_history),
        ("events", files.history),
        ("carts", files.carts),
        ("cases", files.cases),
    ):
        _import(demo, kind, path, historic=True, by=staff["marina"])
    _segments(demo, by=staff["marina"])
    campaign = _campaign(demo, by=staff["marina"])
    _import(demo, "orders", files.orders_recent, historic=False, by=staff["marina"])
    _returns(demo)
    _points(demo)
    _answers(demo, campaign)
    keep_who_was_seen()
    _notes(demo, by=staff["andre"])
    _members_of_today(demo)
    _apologies(demo, staff)


def _files(demo: Demo, households: Collection[int] | None) -> Files:
    """Write the files once: a start that goes on tomorrow goes on with the same."""
    if (demo.folder / "complete").exists():
        return files_in(demo.folder)
    demo.say("Writing a year of a grocer's files")
    files = write_files(
        demo.folder,
        last_day=localtime(demo.at).date() - timedelta(days=1),
        recent_days=CAMPAIGN_DAYS_AGO,
        households=households,
    )
    (demo.folder / "complete").touch()
    return files


def _attributes(demo: Demo, *, by: User) -> None:
    for facts in ATTRIBUTES:
        declare_attribute(AttributeDefinition(**facts), by=by, at=demo.at)


@transaction.atomic
def _partners(*, by: User) -> None:
    """Publish the notice that names with whom addresses are shared."""
    notice, is_new = Notice.objects.get_or_create(
        code="partners", defaults={"name": "Parceiros / Partners"}
    )
    if is_new:
        words = {language: Words(**said) for language, said in PARTNERS.items()}
        sharing = [Purpose.objects.get(pk="third_party_sharing")]
        at = IN_FORCE_SINCE
        version = draft(notice, by=by, at=at)
        write(version, words=words, purposes=sharing, is_material=False, by=by, at=at)
        publish(version, by=by, at=at)


def _import(demo: Demo, kind: str, path: Path, *, historic: bool, by: User) -> None:
    if ImportJob.objects.filter(file_name=path.name, state=ImportState.DONE).exists():
        return
    demo.say(f"Importing {path.name}")
    import_file(path, kind, at=demo.at, historic=historic, by=by, progress=demo.progress)


def _segments(demo: Demo, *, by: User) -> None:
    for name, (description, rule) in SEGMENTS.items():
        if not Segment.objects.filter(name=name).exists():
            segment = Segment(
                name=name,
                description=description,
                purpose=Purpose.objects.get(pk="marketing"),
                rule=rule,
                created_by=by,
            )
            saved = save_segment(segment, by=by, at=demo.launched_at)
            refresh(saved, at=demo.launched_at)


def _members_of_today(demo: Demo) -> None:
    """Find the members anew: what happened since the launch would else be read by and by."""
    for segment in Segment.objects.order_by("pk"):
        refresh(segment, at=demo.at)


def _campaign(demo: Demo, *, by: User) -> Campaign:
    """Send the campaign as of its day, through a real mail server."""
    offer = Offer.objects.filter(name=OFFER["name"]).first() or save_offer(
        Offer(**OFFER, created_by=by, created_at=demo.launched_at), at=demo.launched_at
    )
    template = Template.objects.filter(name=TEMPLATE["name"]).first() or save_template(
        Template(**TEMPLATE), at=demo.launched_at
    )
    campaign, _ = Campaign.objects.get_or_create(
        name=CAMPAIGN,
        defaults={
            "segment": Segment.objects.get(name="Regulars"),
            "template": template,
            "offer": offer,
            "scheduled_at": demo.launched_at,
            "attribution_days": CAMPAIGN_DAYS_AGO,
            "control_share": Decimal("0.1"),
            "created_by": by,
            "created_at": demo.launched_at,
        },
    )
    if campaign.launched_at is None or campaign.state == "launching":
        demo.say("Launching the campaign as of three weeks ago")
        campaign = launch(campaign, at=demo.launched_at)
    demo.say("Sending it through SMTP")
    # Nobody else sends yet: what is taken was a killed start's.
    recover(at=demo.launched_at + LEASE)
    send_until_dry(clock=lambda: demo.launched_at)
    return campaign


def _returns(demo: Demo) -> None:
    """Let the first article of a few large orders come back: invented."""
    large = Order.objects.filter(status=OrderStatus.PLACED, total__gte=LARGE)
    for order in large.order_by("-ordered_at", "pk")[:RETURNED]:
        line = order.lines.order_by("number")[0]
        back = [Returned(line=line.number, quantity=line.quantity)]
        return_lines(order, returned=back, reference="demo", at=demo.at)


def _points(demo: Demo) -> None:
    """Do what the worker and the night would do, so that the first page has it all."""
    demo.say("Booking points and tiers")
    follow_orders()
    close_day()
    score_customers()
    see_what_customers_buy()
    write_all_profiles(at=demo.at)


def _answers(demo: Demo, campaign: Campaign) -> None:
    """Let some recipients click, and some of those who bought use their voucher: invented."""
    demo.say("Letting some customers answer")
    sent = Message.objects.filter(campaign=campaign, sent_at__isnull=False).order_by("pk")
    link = campaign.links.order_by("pk").first()
    bought = _first_large_orders(campaign)
    for message in sent.select_related("customer", "voucher", "campaign__segment__purpose"):
        draw = Draw(message.customer_id)
        if link and draw.happens("click", share=CLICK_SHARE) and not message.clicks.exists():
            hours = draw.whole("hours until the click", 1, 72)
            record_click(message, link, at=demo.launched_at + timedelta(hours=hours))
        order = bought.get(message.customer_id)
        if order and draw.happens("redeem", share=REDEEM_SHARE):
            _redeem(message, order)


def _first_large_orders(campaign: Campaign) -> dict[int, Order]:
    """Return, by customer, the first order after the launch that the offer holds for."""
    large = Order.objects.filter(
        customer__messages__campaign=campaign,
        ordered_at__gt=campaign.launched_at,
        total__gte=campaign.offer.minimum_order if campaign.offer else 0,
    )
    first = large.order_by("customer", "ordered_at").distinct("customer")
    return {order.customer_id: order for order in first.prefetch_related("lines__product")}


def _redeem(message: Message, order: Order) -> None:
    """Use the voucher on a real order; that it was used is invented, and says so."""
    if message.voucher is None:
        return
    redeem(
        code_of(message.voucher),
        customer=message.customer,
        order_reference=order.external_id,
        cart=[
            CartLine(sku=line.product.sku, quantity=Decimal(1), unit_price=line.total)
            for line in order.lines.all()
        ],
        reference=f"demo:{order.external_id}",
        at=order.ordered_at,
        note=INVENTED,
    )


def _notes(demo: Demo, *, by: User) -> None:
    """Let the agent tag the best, and write down something about whoever complained last."""
    best = Customer.objects.filter(metrics__rfm_group=RfmGroup.CHAMPIONS)
    for customer in best.order_by("-metrics__spend")[:TAGGED]:
        tag(customer, text="vip", by=by, at=demo.at)
    for case in Case.objects.select_related("customer").order_by("-opened_at")[:NOTED]:
        reference = f"demo:{case.reference}"
        add_note(case.customer, text=NOTE, author=by, reference=reference, at=demo.at)


def _apologies(demo: Demo, staff: dict[str, User]) -> None:
    """One voucher within the agent's limit, one that waits for a second person."""
    cases = Case.objects.filter(status=CaseStatus.OPEN).exclude(customer__email="")
    small, large = cases.select_related("customer").order_by("-opened_at")[:2]
    for case, amount, reference in (
        (small, Decimal("25.00"), "demo:issued"),
        (large, Decimal("120.00"), "demo:waiting"),
    ):
        ask_for_apology(
            case.customer,
            agent=staff["andre"],
            amount=amount,
            reason=ApologyReason.DAMAGED,
            explanation=case.subject,
            case=case,
            reference=reference,
            at=demo.at,
        )
