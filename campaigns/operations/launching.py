"""A launch: one row for everybody in the segment, with the verdict and its reason."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from campaigns.enums import CampaignState, MessageState, Outcome
from campaigns.models import Campaign, Message, TrackedLink, Voucher
from campaigns.operations.planning import TooLateForThat, refuse_unless_ready
from campaigns.operations.vouchers import issue
from campaigns.queries.audience import audience, judged
from campaigns.rules.links import addresses_in, with_addresses
from consent.enums import Verdict
from customers.models import Customer
from segments.operations import refresh

# A long writing transaction would keep every consumer of the timeline waiting.
CHUNK = 10_000
# The audience: those who could be written to, whether they will be or are kept back to compare.
ADDRESSED = (Outcome.WILL_SEND, Outcome.CONTROL_GROUP)


def launch(campaign: Campaign, *, at: datetime, chunk: int = CHUNK) -> Campaign:
    """Choose the audience in chunks of a few seconds, then let the sending begin.

    Goes on where an interrupted launch left off, and ends early when somebody stops the campaign.
    Raises CampaignNotReady and TooLateForThat.
    """
    campaign = begin(campaign, at=at)
    if campaign.audience_upto == 0:
        refresh(campaign.segment, at=at)
    while choose_some(campaign, at=at, limit=chunk):
        pass
    campaign.refresh_from_db()
    return campaign


@transaction.atomic
def begin(campaign: Campaign, *, at: datetime) -> Campaign:
    """Freeze the message, so that everybody gets the same."""
    campaign = _locked(campaign)
    if campaign.state == CampaignState.LAUNCHING:
        return campaign
    if campaign.state not in (CampaignState.DRAFT, CampaignState.SCHEDULED):
        raise TooLateForThat(_("“%(name)s” was launched already.") % {"name": campaign})
    refuse_unless_ready(campaign)
    campaign.state, campaign.launched_at = CampaignState.LAUNCHING, at
    campaign.subject = campaign.template.subject
    campaign.html = _with_tracked_links(campaign)
    campaign.save()
    return campaign


def _with_tracked_links(campaign: Campaign) -> str:
    html = campaign.template.html
    addresses = addresses_in(html)
    TrackedLink.objects.bulk_create(
        TrackedLink(campaign=campaign, url=address) for address in addresses
    )
    links = dict(campaign.links.values_list("url", "pk"))
    return with_addresses(html, lambda address: f"{{{{ links.n{links[address]} }}}}")


@transaction.atomic
def choose_some(campaign: Campaign, *, at: datetime, limit: int) -> bool:
    """Decide on the next people by id; return False when nobody was left."""
    campaign = _locked(campaign)
    if campaign.state != CampaignState.LAUNCHING:
        return False
    coming = audience(campaign).filter(pk__gt=campaign.audience_upto).order_by("pk")
    people = list(coming.values_list("pk", flat=True)[:limit])
    if people:
        _decide(campaign, people, at=at)
        _issue_vouchers(campaign, people, at=at)
        campaign.audience_upto = people[-1]
    else:
        # From here on the workers see the rows, all at once.
        campaign.state, campaign.audience_chosen_at = CampaignState.SENDING, at
    campaign.save(update_fields=["audience_upto", "audience_chosen_at", "state"])
    return bool(people)


def _decide(campaign: Campaign, people: list[int], *, at: datetime) -> None:
    """Write one row a person with the verdict.

    Of several people with one address the lowest id is written to. The control group is exact:
    after each chunk it is the campaign's share of all who could be written to, rounded; who
    belongs to it depends on a hash of campaign and customer alone, so that campaigns draw
    independently of each other. Method: hashed assignment, Kohavi, Tang and Xu, *Trustworthy
    Online Controlled Experiments* (2020), chapter 4; ordered by the hash, since shares rounded
    chunk by chunk drift.
    """
    drawn = Message.objects.filter(campaign=campaign, outcome__in=ADDRESSED)
    judgement = judged(campaign, Customer.objects.filter(pk__in=people), at=at)
    select, values = judgement.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH judged (customer_id, address, verdict) AS ({select}),
            decided AS (
                SELECT customer_id,
                       CASE
                           WHEN verdict <> %s THEN verdict
                           WHEN row_number() OVER (
                                    PARTITION BY verdict, address ORDER BY customer_id
                                ) > 1
                                OR EXISTS (
                                    SELECT FROM customers_customer twin
                                    JOIN campaigns_message earlier
                                        ON earlier.customer_id = twin.id
                                        AND earlier.campaign_id = %s
                                        AND earlier.outcome = ANY(%s)
                                    WHERE twin.email = address AND twin.email <> ''
                                ) THEN %s
                       END AS held
                FROM judged
            ), drawn AS (
                SELECT customer_id, held,
                       row_number() OVER (
                           PARTITION BY held IS NULL
                           ORDER BY sha256(convert_to(%s || ':' || customer_id, 'UTF8'))
                       ) AS place,
                       count(*) OVER (PARTITION BY held IS NULL) AS addressed
                FROM decided
            ), placed AS (
                SELECT customer_id,
                       CASE
                           WHEN held IS NOT NULL THEN held
                           WHEN place <= round(%s * (%s + addressed)) - %s THEN %s
                           ELSE %s
                       END AS outcome
                FROM drawn
            )
            INSERT INTO campaigns_message
                (campaign_id, customer_id, channel, outcome, state, decided_at,
                 skip_reason, fence, attempts, error)
            SELECT %s, customer_id, %s, outcome,
                   CASE WHEN outcome = %s THEN %s ELSE %s END, %s, '', 0, 0, ''
            FROM placed
            ORDER BY customer_id
            """,  # noqa: S608 -- the compiler's own SQL, its values apart
            [
                *values,
                Verdict.ALLOWED,
                campaign.pk,
                list(ADDRESSED),
                Outcome.DUPLICATE_ADDRESS,
                f"control:{campaign.pk}",
                campaign.control_share,
                drawn.count(),
                drawn.filter(outcome=Outcome.CONTROL_GROUP).count(),
                Outcome.CONTROL_GROUP,
                Outcome.WILL_SEND,
                campaign.pk,
                campaign.channel,
                Outcome.WILL_SEND,
                MessageState.READY,
                MessageState.HELD,
                at,
            ],
        )


def _issue_vouchers(campaign: Campaign, people: list[int], *, at: datetime) -> None:
    """Give a voucher to those who will be sent the message, and to nobody else."""
    if campaign.offer is None:
        return
    chosen = Message.objects.filter(
        campaign=campaign, customer__in=people, outcome=Outcome.WILL_SEND
    )
    issue(
        campaign.offer,
        customers=chosen.values_list("customer", flat=True),
        reference_prefix=voucher_prefix(campaign),
        at=at,
    )
    theirs = Voucher.objects.filter(
        offer=campaign.offer_id,
        customer=OuterRef("customer"),
        reference__startswith=f"{voucher_prefix(campaign)}:",
    )
    chosen.update(voucher=Subquery(theirs.values("pk")[:1]))


def voucher_prefix(campaign: Campaign) -> str:
    return f"campaign:{campaign.pk}"


def _locked(campaign: Campaign) -> Campaign:
    # The lock makes two workers that find the same campaign take turns.
    related = ("segment__purpose", "template", "offer")
    return (
        Campaign.objects.select_related(*related)
        .select_for_update(of=("self",))
        .get(pk=campaign.pk)
    )
