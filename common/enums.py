from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    ENGLISH = "en", _("English")
    PORTUGUESE = "pt-br", _("Portuguese (Brazil)")


class Role(models.TextChoices):
    """The five groups that a migration makes; the value is the group's name."""

    MARKETING = "marketing", _("Marketing")
    SUPPORT_AGENT = "support agent", _("Support agent")
    PRIVACY_OFFICER = "privacy officer", _("Privacy officer")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")


class Scope(models.TextChoices):
    """What an API key may do."""

    READ_CUSTOMERS = "customers:read", _("Read customers")
    WRITE_CUSTOMERS = "customers:write", _("Write customers, orders and events")
    WRITE_CONSENT = "consent:write", _("Record consent")
    READ_SEGMENTS = "segments:read", _("Read segments")
    WRITE_SEGMENTS = "segments:write", _("Change segments")
    READ_CAMPAIGNS = "campaigns:read", _("Read offers, campaigns and results")
    REDEEM = "vouchers:redeem", _("Quote and redeem vouchers")
    READ_LOYALTY = "loyalty:read", _("Read members and points")


class RequestState(models.TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
