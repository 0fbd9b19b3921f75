from collections.abc import Iterable
from datetime import datetime
from functools import cache

from django.db import models, transaction
from django.utils.functional import Promise

from common.discovery import declared
from common.enums import FileFormat
from common.models import ApiKey, AuditEntry, Export, User


def audit(
    action: str,
    subject: models.Model | type[models.Model],
    *,
    at: datetime,
    by: User | ApiKey | None = None,
    fields: Iterable[str] = (),
    reason: str = "",
    count: int | None = None,
) -> AuditEntry:
    """Write down who did or saw what; ``subject`` is a record, or a model for a whole list.

    A record that has a code of the shop's instead of a number is told by it, as the reason.
    ``action`` is one of an app's ``enums.py: AuditAction``; ``count`` is of the records in a list.
    """
    key = subject.pk if isinstance(subject, models.Model) else None
    number = key if isinstance(key, int) else None
    return AuditEntry.objects.create(
        at=at,
        action=action,
        actor=by if isinstance(by, User) else None,
        api_key=by if isinstance(by, ApiKey) else None,
        subject_type=subject._meta.label_lower,
        subject_id=number,
        fields=sorted(fields),
        reason=reason or str("" if number == key else key)[:200],
        count=count,
    )


@cache
def action_words() -> dict[str, str | Promise]:
    """Return the words for every action that an app declares in ``enums.py: AuditAction``."""
    return {action.value: action.label for action in declared("enums", "AuditAction")}


def in_words(action: str) -> str:
    # What an earlier version wrote down may have no words any more.
    return str(action_words().get(action, action))


@transaction.atomic
def create_key(key: ApiKey, *, by: User, at: datetime) -> ApiKey:
    """Save a new key; ``credential`` on the returned object is all that ever shows its secret."""
    key.credential = key.renew_secret()
    key.created_by, key.created_at = by, at
    key.save()
    audit("key_created", key, at=at, by=by)
    return key


@transaction.atomic
def change_key(key: ApiKey, *, fields: Iterable[str], by: User, at: datetime) -> ApiKey:
    key.save()
    audit("key_changed", key, at=at, by=by, fields=fields)
    return key


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User, at: datetime) -> bool:
    """Make the key open nothing from now on; False when it was revoked before."""
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at)
    if revoked:
        audit("key_revoked", key, at=at, by=by)
    return bool(revoked)


@transaction.atomic
def begin_export(
    subject: models.Model | type[models.Model],
    *,
    columns: Iterable[str],
    filters: Iterable[str],
    format: FileFormat,  # noqa: A002 -- the business word
    reason: str,
    by: User | ApiKey,
    at: datetime,
) -> Export:
    """Write down that a list is about to leave; ``subject`` as in ``audit``."""
    narrowed = sorted(set(filters))
    entry = audit("exported", subject, at=at, by=by, fields=narrowed, reason=reason)
    return Export.objects.create(
        started_at=at,
        actor=entry.actor,
        api_key=entry.api_key,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        columns=list(columns),
        filters=narrowed,
        format=format,
        reason=reason,
    )


def end_export(export: Export, *, rows: int, at: datetime | None) -> None:
    """Write down how many rows left; ``at`` is None when they were not all."""
    export.row_count, export.finished_at = rows, at
    export.save(update_fields=["row_count", "finished_at"])
