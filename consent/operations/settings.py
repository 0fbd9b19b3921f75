from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from common.models import User
from common.operations import audit
from consent.models import PrivacySettings


@transaction.atomic
def change_privacy_settings(
    settings: PrivacySettings, *, fields: Iterable[str], by: User, at: datetime
) -> PrivacySettings:
    """Keep what the shop chose; ``fields`` says what changed, for the audit."""
    settings.save()
    audit("privacy_settings.changed", settings, at=at, by=by, fields=fields)
    return settings
