"""What somebody wrote or said to the shop."""

from datetime import datetime
from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.enums import CaseStatus, Category, ContactChannel
from customers.models import Case, SurveyAnswer
from segments.enums import TraitType
from segments.queries.suggesting import known_values
from segments.rules import Detail, Rows, Trait
from segments.traits.people import CONTACT


def _cases(at: datetime) -> QuerySet[Case]:
    return Case.objects.all()


def _open_cases(at: datetime) -> QuerySet[Case]:
    return Case.objects.filter(status=CaseStatus.OPEN)


def _answers(at: datetime) -> QuerySet[SurveyAnswer]:
    return SurveyAnswer.objects.all()


CASES = Rows(
    found=_cases,
    moment="opened_at",
    label=_("cases"),
    details={
        "status": Detail(
            _("Status"), TraitType.CHOICE, field="status", choices=lambda: CaseStatus.choices
        ),
        "channel": Detail(
            _("Channel"), TraitType.CHOICE, field="channel", choices=lambda: ContactChannel.choices
        ),
    },
)
ANSWERS = Rows(
    found=_answers,
    moment="answered_at",
    label=_("survey answers"),
    details={
        "survey": Detail(
            _("Survey"), field="survey", suggest=partial(known_values, SurveyAnswer, "survey")
        ),
        "score": Detail(_("Score"), TraitType.NUMBER, field="score", is_whole=True),
    },
)


TRAITS = [
    Trait(
        code="customers.open_case",
        label=_("Has an open case"),
        group=CONTACT,
        type=TraitType.YES_NO,
        category=Category.CONTACT,
        rows=Rows(found=_open_cases),
    ),
    Trait(
        code="customers.cases",
        label=_("Opened a case"),
        group=CONTACT,
        type=TraitType.TIMES,
        category=Category.CONTACT,
        words=_("complaint support ticket"),
        rows=CASES,
    ),
    Trait(
        code="customers.survey_answers",
        label=_("Answered a survey"),
        group=CONTACT,
        type=TraitType.TIMES,
        category=Category.CONTACT,
        rows=ANSWERS,
    ),
    Trait(
        code="customers.last_seen",
        label=_("Last seen"),
        group=CONTACT,
        type=TraitType.MOMENT,
        category=Category.BROWSING,
        words=_("visit active site"),
        field="metrics__last_seen_at",
        flat="last_seen_at",
    ),
    Trait(
        code="customers.last_open",
        label=_("Last message opened"),
        group=CONTACT,
        type=TraitType.MOMENT,
        category=Category.BROWSING,
        field="metrics__last_open_at",
        flat="last_open_at",
    ),
    Trait(
        code="customers.last_click",
        label=_("Last link followed"),
        group=CONTACT,
        type=TraitType.MOMENT,
        category=Category.BROWSING,
        field="metrics__last_click_at",
        flat="last_click_at",
    ),
]
