from collections.abc import Iterable
from datetime import datetime

from django.db import models

from common.models import ApiKey, AuditEntry, User


def audit(
    action: str,
    subject: models.Model | type[models.Model],
    *,
    at: datetime,
    by: User | ApiKey | None = None,
    fields: Iterable[str] = (),
    reason: str = "",
) -> AuditEntry:
    """Write down who did or saw what; ``subject`` is a record, or a model for a whole list."""
    return AuditEntry.objects.create(
        at=at,
        action=action,
        actor=by if isinstance(by, User) else None,
        api_key=by if isinstance(by, ApiKey) else None,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk if isinstance(subject, models.Model) else None,
        fields=sorted(fields),
        reason=reason,
    )
