"""A launch: one row for everybody in the segment, with the verdict and its reason."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from campaigns.enums import Audience, CampaignState, Outcome
from campaigns.models import Campaign, Message, TrackedLink, Voucher
from campaigns.operations.deciding import decide
from campaigns.operations.planning import TooLateForThat, refuse_unless_ready
from campaigns.operations.vouchers import issue
from campaigns.queries.audience import audience, categories_used
from campaigns.rules.links import addresses_in, with_addresses
from campaigns.rules.templates import with_ways
from common.errors import DomainError
from segments.operations.refreshing import keep_fresh
from segments.queries import in_every_language
from segments.queries.staleness import out_of_date

# A long writing transaction would keep every consumer of the timeline waiting.
CHUNK = 10_000


def launch(campaign: Campaign, *, at: datetime, chunk: int = CHUNK) -> Campaign:
    """Choose the audience in chunks of a few seconds, then let the sending begin.

    Goes on where an interrupted launch left off, and ends early when somebody stops the campaign.
    Where it is for those who come into the segment, nobody is chosen yet.
    Raises CampaignNotReady, TooLateForThat and SegmentOutOfDate.
    """
    _find_members(campaign, at=at)
    campaign = begin(campaign, at=at)
    if campaign.goes_to == Audience.ENTRANTS:
        open_to_entrants(campaign, at=at)
    else:
        while choose_some(campaign, at=at, limit=chunk):
            pass
    campaign.refresh_from_db()
    return campaign


class SegmentOutOfDate(DomainError):
    code = "segment_out_of_date"


def _find_members(campaign: Campaign, *, at: datetime) -> None:
    """Bring the segment up to date before anything is frozen; where that fails, the launch waits.

    Unless somebody agreed to write to those who were in it last, if it ever had members. A rule
    that failed is not asked before its time: it may take minutes to fail.
    """
    segment = campaign.segment
    if not Campaign.objects.to_begin().filter(pk=campaign.pk).exists():
        return
    segment.refresh_from_db()
    waits = segment.retry_at is not None and segment.retry_at > at
    if not waits and keep_fresh(segment, at=at) is not None:
        return
    segment.refresh_from_db()
    found = out_of_date(segment, at=at)
    if found and not (campaign.old_members_accepted_at and found.since):
        raise SegmentOutOfDate(found.sentence, field="segment")


@transaction.atomic
def begin(campaign: Campaign, *, at: datetime) -> Campaign:
    """Freeze the message and what it rests on: everybody gets the same, for the same reason."""
    campaign = _locked(campaign)
    if campaign.state == CampaignState.LAUNCHING:
        return campaign
    if campaign.state not in (CampaignState.DRAFT, CampaignState.SCHEDULED):
        raise TooLateForThat(_("“%(name)s” was launched already.") % {"name": campaign})
    refuse_unless_ready(campaign)
    campaign.state, campaign.launched_at = CampaignState.LAUNCHING, at
    _freeze_grounds(campaign)
    campaign.subject = campaign.template.subject
    campaign.html = _with_tracked_links(campaign)
    campaign.save()
    return campaign


def _freeze_grounds(campaign: Campaign) -> None:
    """Keep what everybody's message rests on, as it is now: see ``campaigns.queries.why``."""
    segment, template = campaign.segment, campaign.template
    campaign.categories = sorted(categories_used(campaign))
    campaign.purpose, campaign.basis = segment.purpose, segment.purpose.basis
    campaign.rule = segment.rule
    campaign.rule_in_words = in_every_language(segment)
    campaign.template_name, campaign.template_changed_at = template.name, template.changed_at


def _with_tracked_links(campaign: Campaign) -> str:
    html = with_ways(campaign.template.html)
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
        decide(campaign, people, at=at)
        _issue_vouchers(campaign, people, at=at)
        campaign.audience_upto = people[-1]
    else:
        # From here on the workers see the rows, all at once.
        campaign.state, campaign.audience_chosen_at = CampaignState.SENDING, at
    campaign.save(update_fields=["audience_upto", "audience_chosen_at", "state"])
    return bool(people)


@transaction.atomic
def open_to_entrants(campaign: Campaign, *, at: datetime) -> None:
    """Write, from now on, to whoever comes into the segment."""
    campaign = _locked(campaign)
    if campaign.state == CampaignState.LAUNCHING:
        campaign.state, campaign.audience_chosen_at = CampaignState.SENDING, at
        campaign.save(update_fields=["audience_chosen_at", "state"])


@transaction.atomic
def write_to_entrants(campaign: Campaign, people: Collection[int], *, at: datetime) -> None:
    """Decide on those who came into the segment of a campaign that waits for them.

    Each once, however often they come and whoever asks again; nobody who has left meanwhile.
    """
    campaign = _locked(campaign)
    if campaign.state != CampaignState.SENDING:
        return
    known = campaign.messages.filter(customer__in=people).values("customer")
    coming = audience(campaign).filter(pk__in=people).exclude(pk__in=known).order_by("pk")
    if chosen := list(coming.values_list("pk", flat=True)):
        decide(campaign, chosen, at=at)
        _issue_vouchers(campaign, chosen, at=at)


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
