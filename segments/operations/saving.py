"""Segments are kept: new ones, and changed ones."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from consent.models import Purpose
from consent.queries.sensitive import specifically_allowed
from customers.enums import Category
from segments.models import Segment
from segments.operations.refreshing import hold, hold_all
from segments.queries import asked_for, traits
from segments.rules import BadRule, Rule, read_rule


class NameTaken(DomainError):
    code = "name_taken"


@transaction.atomic
def save_segment(segment: Segment, *, by: User | ApiKey | None, at: datetime) -> Segment:
    """Keep a new or changed segment; with another rule or purpose its members are out of date.

    Without a rule it is a list. Raises BadRule, NameTaken and OtherNature.
    """
    # Two that ask for each other may not be saved at once.
    hold_all()
    if not segment.is_list:
        refuse_unfit(read_rule(segment.rule, traits()), segment=segment)
    hold(segment)
    if Segment.objects.filter(name=segment.name).exclude(pk=segment.pk).exists():
        raise NameTaken(_("Another segment has this name."), field="name")
    known = Segment.objects.filter(pk=segment.pk).first()
    if known is None:
        segment.created_by = by if isinstance(by, User) else None
        segment.created_at = at
    else:
        _refuse_other_nature(segment, known)
        # Who came and left since the page was opened.
        segment.member_count = known.member_count
    if known is None and segment.is_list and segment.origin is None:
        # There is nobody to be found.
        segment.filled_at = segment.refreshed_at = at
    elif known is None or (known.rule, known.purpose_id) != (segment.rule, segment.purpose_id):
        segment.refreshed_at = None
        segment.filled_upto = 0
        segment.error, segment.failures = "", 0
        segment.failed_at = segment.retry_at = None
    segment.changed_at = at
    segment.save()
    audit("segments.changed" if known else "segments.created", segment, at=at, by=by)
    return segment


def refuse_unfit(rule: Rule, *, segment: Segment) -> None:
    """Refuse what the rule may not ask for the segment's purpose, saved or not. Raises BadRule."""
    refuse_sensitive(rule, purpose=segment.purpose)
    _refuse_loops(segment, rule)


class OtherNature(DomainError):
    code = "other_nature"


def _refuse_other_nature(segment: Segment, known: Segment) -> None:
    """Refuse to make a list of a rule, or a rule of a list: their members came in another way."""
    if known.is_list and not segment.is_list:
        raise OtherNature(_("A list has no rule. Make a new segment."), field="rule")
    if segment.is_list and not known.is_list:
        raise OtherNature(_("Keep the members as a list instead; the rule stays."), field="rule")
    if known.data_used and known.purpose_id != segment.purpose_id:
        # Whoever allowed the one purpose may have refused the other.
        raise OtherNature(
            _("The people of this list were chosen for another purpose."), field="purpose"
        )


def refuse_sensitive(rule: Rule, *, purpose: Purpose) -> None:
    """Refuse a question about something sensitive that nobody allowed for the purpose.

    Asked when a segment is saved; a rule that became sensitive later finds nobody. Raises BadRule.
    """
    asking = [it for it in rule.conditions if Category.SENSITIVE in it.categories]
    if asking and not specifically_allowed([purpose]):
        raise BadRule(
            _(
                "This asks for something sensitive, such as health or religion: that takes a "
                "purpose that rests on consent, and people who allowed sensitive data for it."
            ),
            pointer=asking[0].pointer,
        )


def _refuse_loops(segment: Segment, rule: Rule) -> None:
    """Refuse a rule that asks for a segment of another purpose, or that asks for this one.

    Whoever allowed the other purpose may have refused this one. Raises BadRule.
    """
    for condition in rule.conditions:
        for asked in Segment.objects.filter(pk__in=condition.segments):
            if asked.archived_at:
                raise BadRule(
                    _("“%(name)s” is archived.") % {"name": asked},
                    pointer=f"{condition.pointer}/value",
                )
            if asked.purpose_id != segment.purpose_id:
                raise BadRule(
                    _("“%(name)s” was made for another purpose.") % {"name": asked},
                    pointer=f"{condition.pointer}/value",
                )
            if segment.pk and segment.pk in _reached(asked):
                raise BadRule(
                    _("“%(name)s” asks for this segment itself.") % {"name": asked},
                    pointer=f"{condition.pointer}/value",
                )


def _reached(segment: Segment) -> set[int]:
    """Return the segment and all that its rule asks for, by id, however far away."""
    known, reached, coming = traits(), {segment.pk}, [segment]
    while coming:
        further = asked_for(coming.pop(), known) - reached
        reached |= further
        coming += Segment.objects.filter(pk__in=further)
    return reached


class Archived(DomainError):
    code = "archived"


@transaction.atomic
def ask_for_refresh(segment: Segment, *, by: User | ApiKey, at: datetime) -> None:
    """Leave word that the members are wanted up to date now; a task sees to it.

    Raises Archived.
    """
    if not Segment.objects.filter(pk=segment.pk, archived_at=None).update(asked_at=at):
        raise Archived(
            _(
                "“%(name)s” is archived. Take it out of the archive, and its members are "
                "found anew."
            )
            % {"name": segment}
        )
    audit("segments.refresh_asked", segment, at=at, by=by)
