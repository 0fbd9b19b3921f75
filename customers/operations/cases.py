from datetime import datetime

from django.db import transaction

from common.models import User
from customers.enums import CaseStatus, ContactChannel
from customers.models import Case, Customer
from customers.operations.timeline import record_event


@transaction.atomic
def open_case(
    customer: Customer,
    *,
    channel: ContactChannel,
    subject: str,
    text: str = "",
    reference: str,
    at: datetime,
    agent: User | None = None,
) -> Case:
    """Write down a complaint or a question; a repeat with the same reference returns the first."""
    case, is_new = Case.objects.get_or_create(
        reference=reference,
        defaults={
            "customer": customer,
            "channel": channel,
            "subject": subject,
            "text": text,
            "agent": agent,
            "opened_at": at,
        },
    )
    if is_new:
        record_event(
            customer,
            kind="customers.case_opened",
            at=at,
            reference=f"case:{reference}:opened",
            data={"subject": subject},
        )
    return case


@transaction.atomic
def resolve_case(case: Case, *, resolution: str, at: datetime) -> Case:
    """Close a case; a closed one stays as it was closed first."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    if case.status == CaseStatus.RESOLVED:
        return case
    case.status, case.resolution, case.resolved_at = CaseStatus.RESOLVED, resolution, at
    case.save()
    record_event(
        case.customer,
        kind="customers.case_resolved",
        at=at,
        reference=f"case:{case.reference}:resolved",
        data={"subject": case.subject},
    )
    return case
