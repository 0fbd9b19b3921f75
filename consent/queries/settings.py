from consent.models import PrivacySettings
from consent.models.settings import THE_ONE


def privacy_settings() -> PrivacySettings:
    """Return the shop's choices; one that never chose has the defaults. One query."""
    return PrivacySettings.objects.filter(pk=THE_ONE).first() or PrivacySettings()
