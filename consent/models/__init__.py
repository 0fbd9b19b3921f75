from consent.models.choices import ConsentEvent, Permission
from consent.models.purposes import Purpose
from consent.models.settings import PrivacySettings
from consent.models.suppressions import Suppression

__all__ = ["ConsentEvent", "Permission", "PrivacySettings", "Purpose", "Suppression"]
