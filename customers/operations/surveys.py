from datetime import datetime

from django.db import transaction

from customers.models import Customer, SurveyAnswer
from customers.operations.timeline import record_event


@transaction.atomic
def record_answer(
    customer: Customer,
    *,
    score: int,
    survey: str = "",
    comment: str = "",
    answered_at: datetime,
    reference: str,
) -> tuple[SurveyAnswer, bool]:
    """Keep what somebody answered; a repeat with the same reference returns the first answer.

    ``score`` is from 0 to 10. The second value says whether the answer is new.
    """
    answer, is_new = SurveyAnswer.objects.get_or_create(
        reference=reference,
        defaults={
            "customer": customer,
            "survey": survey,
            "score": score,
            "comment": comment,
            "answered_at": answered_at,
        },
    )
    if is_new:
        # The comment stays in its own row: it may say anything.
        record_event(
            customer,
            kind="customers.survey_answered",
            at=answered_at,
            reference=f"survey:{reference}",
            data={"score": score, "survey": survey},
        )
    return answer, is_new
