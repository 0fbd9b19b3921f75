from consent.models.choices import ConsentEvent, Permission
from consent.models.purposes import Purpose
from consent.models.suppressions import Suppression

__all__ = ["ConsentEvent", "Permission", "Purpose", "Suppression"]
