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
    BLOCK = "suppressions:manage", _("Block addresses, and ask whether one is blocked")
    READ_SEGMENTS = "segments:read", _("Read segments")
    WRITE_SEGMENTS = "segments:write", _("Change segments")
    READ_CAMPAIGNS = "campaigns:read", _("Read offers, campaigns and results")
    REDEEM = "vouchers:redeem", _("Quote and redeem vouchers")
    READ_LOYALTY = "loyalty:read", _("Read members and points")
    MANAGE_WEBHOOKS = "webhooks:manage", _("Send events to other servers (webhooks)")
    IMPORT = "files:import", _("Bring in files of every kind")
    EXPORT = "lists:export", _("Take whole lists as files")


class RequestState(models.TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")


class PostOutcome(models.TextChoices):
    """What came of a POST to an address that somebody else chose."""

    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("The other side answered with an error")
    GONE = "gone", _("The other side says that the address is gone for good")
    REDIRECTED = "redirected", _("The other side points elsewhere; redirects are not followed")
    UNSAFE = "unsafe", _("The address leads into a private network, or is not allowed")
    UNKNOWN_HOST = "unknown_host", _("Nobody knows the host")
    UNREACHABLE = "unreachable", _("Nobody answers there")
    NOT_TRUSTED = "not_trusted", _("The certificate cannot be trusted")
    TOO_SLOW = "too_slow", _("It took too long")
    NO_ANSWER = "no_answer", _("The answer was not HTTP")
    NOTHING_TO_SAY = "nothing", _("There is nothing left to tell")


class Guessed(models.TextChoices):
    """What somebody may try to find out by trying."""

    PASSWORD = "password", _("Password")
    CODE = "code", _("Second factor")
    VOUCHER = "voucher", _("Voucher codes")


class AuditAction(models.TextChoices):
    """What people and programs do or see here, as the audit writes it down."""

    KEY_CREATED = "key_created", _("API key made")
    KEY_CHANGED = "key_changed", _("API key changed")
    KEY_REVOKED = "key_revoked", _("API key revoked")
    EXPORTED = "exported", _("list taken as a file")
    SIGNED_IN = "signed_in", _("signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
    SIGNED_OUT = "signed_out", _("signed out")
    CODE_FAILED = "code_failed", _("wrong code of the second factor")
    RECOVERY_CODE_USED = "recovery_code_used", _("recovery code used")
    SECOND_FACTOR_SET_UP = "second_factor_set_up", _("second factor set up")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("second factor removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("new recovery codes made")
    SECOND_FACTOR_DEMANDED = "second_factor_demanded", _("second factor demanded of a role")
    SECOND_FACTOR_WAIVED = "second_factor_waived", _("second factor of a role no longer demanded")
    CONFIRMED = "confirmed", _("identity confirmed again")
    CONFIRMATION_FAILED = "confirmation_failed", _("confirming the identity failed")
    SESSIONS_ENDED = "sessions_ended", _("all sessions ended")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    LOCKED_OUT = "locked_out", _("locked out after wrong tries")
    UNLOCKED = "unlocked", _("lock-out lifted")
    REFUSED = "refused", _("page refused for lack of permission")
    ADDED = "added", _("record added")
    CHANGED = "changed", _("record changed")
    REMOVED = "removed", _("record removed")


class FileFormat(models.TextChoices):
    """As which file a list leaves."""

    CSV = "csv", _("CSV, to be read by programs or brought in again")
    EXCEL_CSV = "csv-pt", _("CSV for Excel in Portuguese (; and decimal comma)")
    XLSX = "xlsx", _("Excel workbook")
