"""What this app keeps only for so long; the months stand in the shop's privacy settings."""

from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.enums import CartState, CaseStatus
from customers.models import Cart, Case, Note, SurveyAnswer
from customers.operations.retention import erase_each
from customers.queries.retention import inactive, told, watched
from customers.rules.erasing import DELETED, blanked
from customers.rules.retention import RetentionPart, Term

HAPPENED = _("That it happened, and when, is kept for the shop's figures.")
CASE_KINDS = ["customers.case_opened", "customers.case_resolved"]


def _carts(term: Term) -> QuerySet[Cart]:
    return Cart.objects.filter(changed_at__lt=term.before).exclude(state=CartState.OPEN)


def _cases(term: Term) -> QuerySet[Case]:
    told_of = Q(subject__gt="") | Q(text__gt="") | Q(resolution__gt="")
    return Case.objects.filter(told_of, status=CaseStatus.RESOLVED, resolved_at__lt=term.before)


def _notes(term: Term) -> QuerySet[Note]:
    return Note.objects.filter(written_at__lt=term.before, is_pinned=False)


def _comments(term: Term) -> QuerySet[SurveyAnswer]:
    return SurveyAnswer.objects.filter(answered_at__lt=term.before, comment__gt="")


def _open_case(since: datetime) -> Exists:
    return Exists(Case.objects.filter(customer=OuterRef("pk"), status=CaseStatus.OPEN))


RETENTION = [
    RetentionPart(
        code="watched",
        label=_("Details of pages, searches, places and visits"),
        months="events_months",
        due=watched,
        ending=blanked("data", because=HAPPENED, written_once=True),
    ),
    RetentionPart(
        code="carts",
        label=_("Carts that were left"),
        months="events_months",
        due=_carts,
        ending=DELETED,
    ),
    RetentionPart(
        code="cases",
        label=_("Words of resolved cases"),
        months="cases_months",
        due=_cases,
        ending=blanked(
            *("subject", "text", "resolution"),
            because=_("That there was a case, and when, is kept for the shop's figures."),
        ),
    ),
    RetentionPart(
        code="case_events",
        label=_("Cases in the timeline"),
        months="cases_months",
        due=partial(told, kinds=CASE_KINDS),
        ending=blanked("data", because=HAPPENED, written_once=True),
    ),
    RetentionPart(
        code="notes",
        label=_("Notes that nobody pinned"),
        months="cases_months",
        due=_notes,
        ending=DELETED,
    ),
    RetentionPart(
        code="comments",
        label=_("Comments in surveys"),
        months="cases_months",
        due=_comments,
        ending=blanked("comment", because=_("The score is kept for the shop's figures.")),
    ),
    RetentionPart(
        code="inactive",
        label=_("Customers who did nothing"),
        months="inactive_customers_months",
        due=inactive,
        ending=blanked(because=_("They are erased, as if they had asked for it.")),
        end=erase_each,
        # Each is an erasure of its own; together they are over in a few seconds.
        limit=50,
    ),
]


def _cart_in_use(since: datetime) -> Exists:
    return Exists(Cart.objects.filter(customer=OuterRef("pk"), changed_at__gte=since))


STAYING = [_open_case, _cart_in_use]
