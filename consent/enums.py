from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    PUSH = "push", _("Push")
    POST = "post", _("Post")


class LegalBasis(models.TextChoices):
    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract")
    LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")
    LEGAL_OBLIGATION = "legal_obligation", _("Legal obligation")


class Act(models.TextChoices):
    """What a person, the law or the calendar did to a permission."""

    GIVEN = "given", _("Given")
    RENEWED = "renewed", _("Renewed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OBJECTED = "objected", _("Objected")
    EXPIRED = "expired", _("Expired")
    SUSPENDED = "suspended", _("Suspended by a changed text")
    IMPORTED_UNPROVEN = "imported_unproven", _("Imported without proof")


class ActorKind(models.TextChoices):
    """Whose act a choice was; who wrote it down is another matter."""

    SUBJECT = "subject", _("The person")
    GUARDIAN = "guardian", _("A parent or guardian")
    STAFF = "staff", _("Staff, for the person")
    PROGRAM = "program", _("A program, for the person")
    FILE = "file", _("A file")
    SYSTEM = "system", _("This system")
    PROVIDER = "provider", _("The mail or phone provider")


class PointKind(models.TextChoices):
    """Ways in which choices reach us; the points that every shop begins with have these codes."""

    WEB_FORM = "web_form", _("Web form")
    TILL = "till", _("Till")
    CALL_CENTRE = "call_centre", _("Call centre")
    PREFERENCE_CENTRE = "preference_centre", _("Preference centre")
    UNSUBSCRIBE_LINK = "unsubscribe_link", _("Unsubscribe link")
    IMPORT = "import", _("Import")
    API = "api", _("API")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    MERGE = "merge", _("Merge of two records")
    SYSTEM = "system", _("Calendar and changed texts")


class SuppressionReason(models.TextChoices):
    HARD_BOUNCE = "hard_bounce", _("Address does not exist")
    COMPLAINT = "complaint", _("Complained about a message")
    STOP = "stop", _("Asked us to stop")
    DO_NOT_CALL = "do_not_call", _("Do-not-call register")
    ERASED = "erased", _("Erased")
    MANUAL = "manual", _("Entered by staff")


class SuppressionSource(models.TextChoices):
    """Who told us that an address is not to be written to."""

    PERSON = "person", _("The person")
    STAFF = "staff", _("Staff")
    API = "api", _("A program")
    FILE = "file", _("A file")
    PROVIDER = "provider", _("The mail or phone provider")
    SYSTEM = "system", _("This system")


class RestrictionReason(models.TextChoices):
    """Why a person's data are kept and not used."""

    DISPUTED = "disputed", _("Disputes that the data are right")
    OBJECTED = "objected", _("Objects, and it is not decided yet")
    CHILD = "child", _("A child, without a parent's consent")
    DECEASED = "deceased", _("Has died")
    FRAUD = "fraud", _("Suspected fraud with this identity")
    LEGAL = "legal", _("Needed for a legal dispute only")


class Verdict(models.TextChoices):
    """The first reason why a person may not be reached for a purpose, or that they may."""

    ALLOWED = "allowed", _("Allowed")
    NO_ADDRESS = "no_address", _("No address for the channel")
    RESTRICTED = "restricted", _("Their data may not be used for now")
    UNDER_AGE = "under_age", _("Under age")
    SUPPRESSED = "suppressed", _("Address is blocked")
    PAUSED = "paused", _("Asked for a pause")
    PERMISSION_ENDED = "permission_ended", _("Permission has ended")
    NO_PERMISSION = "no_permission", _("Never gave permission")
    CHANNEL_REFUSED = "channel_refused", _("Refused the channel")
    DATA_NOT_ASKED = "data_not_asked", _("Never allowed the use of the data")
    DATA_REFUSED = "data_refused", _("Refused the use of the data")


class OptInState(models.TextChoices):
    """How far a yes has come that must be confirmed; too late is told by the time."""

    OVER_LIMIT = "over_limit", _("Asked too often: nothing is sent")
    TO_SEND = "to_send", _("To be sent")
    SENT = "sent", _("Waits for the answer")
    NOT_SENT = "not_sent", _("The address does not take it, or is blocked")
    CONFIRMED = "confirmed", _("Confirmed")

    @classmethod
    def waiting(cls) -> frozenset["OptInState"]:
        return frozenset({cls.TO_SEND, cls.SENT})


class Meaning(models.TextChoices):
    """What somebody means who writes back to us."""

    STOP = "stop", _("Stop writing to me")
    MAYBE_STOP = "maybe_stop", _("Perhaps to stop: somebody reads it")
    HELP = "help", _("Asks for help")
    YES = "yes", _("Yes")
    OTHER = "other", _("Something else")


class TopicKind(models.TextChoices):
    """What kind of thing somebody does not want to be reminded of."""

    PRODUCT = "product", _("Product")
    CATEGORY = "category", _("Product category")
    OCCASION = "occasion", _("Occasion")


class Occasion(models.TextChoices):
    """Days and moments that a message may be about, and that may be painful or tiresome."""

    BIRTHDAY = "birthday", _("My birthday")
    MOTHERS_DAY = "mothers_day", _("Mother's Day")
    FATHERS_DAY = "fathers_day", _("Father's Day")
    VALENTINES_DAY = "valentines_day", _("Valentine's Day")
    CHILDRENS_DAY = "childrens_day", _("Children's Day")
    EASTER = "easter", _("Easter")
    BLACK_FRIDAY = "black_friday", _("Black Friday")
    CHRISTMAS = "christmas", _("Christmas")
    CART = "cart", _("What I left in the cart")
    REPURCHASE = "repurchase", _("What I may want to buy again")


class LinkSource(models.TextChoices):
    """Who handed out a link to somebody's preference centre."""

    MESSAGE = "m", _("a message of ours")
    STAFF = "s", _("staff of the shop")


class InboundState(models.TextChoices):
    """What became of a message that somebody wrote to us."""

    DONE = "done", _("Done")
    WAITING = "waiting", _("Waits for somebody to read it")
    STOPPED = "stopped", _("Read: they want no messages")
    WENT_ON = "went_on", _("Read: it was about something else")


class RequestKind(models.TextChoices):
    """What a person may ask of whoever keeps their data."""

    ACCESS = "access", _("See what is held")
    PORTABILITY = "portability", _("Take the data elsewhere")
    RECTIFICATION = "rectification", _("Correct what is wrong")
    ERASURE = "erasure", _("Erase the data")
    RESTRICTION = "restriction", _("Let the data stand still")
    OBJECTION = "objection", _("Object to profiling")
    REVIEW = "review", _("Have an automated decision reviewed")


class RequestStage(models.TextChoices):
    RECEIVED = "received", _("Received")
    IDENTITY = "identity", _("Identity to check")
    IN_WORK = "in_work", _("In work")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class RequestDoor(models.TextChoices):
    """How a request came."""

    PREFERENCE_CENTRE = "preference_centre", _("Preference centre")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    COUNTER = "counter", _("Counter")
    POST = "post", _("Post")
    API = "api", _("API")


class PackageState(models.TextChoices):
    """How far the file has come with all that is held about somebody."""

    WAITING = "waiting", _("Being put together")
    READY = "ready", _("Waits to be downloaded")
    TAKEN = "taken", _("Downloaded")
    OVER = "over", _("Removed, since nobody downloaded it")
    FAILED = "failed", _("Could not be put together")

    @classmethod
    def standing(cls) -> tuple["PackageState", ...]:
        return (cls.WAITING, cls.READY)


class ClockColour(models.TextChoices):
    """How urgent a request is."""

    GREEN = "green", _("In time")
    AMBER = "amber", _("Soon due")
    RED = "red", _("Overdue")
    STOPPED = "stopped", _("Clock stopped")


class AuditAction(models.TextChoices):
    """What people and programs do or see here, as the audit writes it down."""

    RECORDED = "consent.recorded", _("Consent recorded")
    PROVED = "consent.proved", _("Proof of consent made")
    NOTICE_DRAFTED = "notices.drafted", _("Notice drafted")
    NOTICE_CHANGED = "notices.changed", _("Draft of a notice changed")
    NOTICE_PUBLISHED = "notices.published", _("Notice published")
    POINT_CHANGED = "collection_points.changed", _("Collection point changed")
    PURPOSE_CHANGED = "purposes.changed", _("Purpose changed")
    SETTINGS_CHANGED = "privacy_settings.changed", _("Privacy settings changed")
    OPT_IN_ASKED = "consent.opt_in_asked", _("Confirmation asked for by a program")
    INBOUND_HEARD = "consent.inbound_heard", _("Message from a phone told by a program")
    INBOUND_READ = "consent.inbound_read", _("Message that may mean stop read")
    INBOUND_SETTLED = "consent.inbound_settled", _("Said what a message meant")
    SUPPRESSION_ADDED = "suppressions.added", _("Address blocked")
    SUPPRESSION_LOOKED_UP = "suppressions.looked_up", _("Asked whether an address is blocked")
    SUPPRESSION_LIFTED = "suppressions.lifted", _("Block of an address lifted")
    RESTRICTED = "restrictions.set", _("Use of a customer's data stopped")
    RESTRICTION_LIFTED = "restrictions.lifted", _("Data of a customer may be used again")
    WISHES_CHANGED = "consent.wishes_changed", _("Wishes about messages changed")
    LINK_GIVEN = "consent.link_given", _("Link to the preference centre handed out")
    WISHES_SEEN = "consent.wishes_seen", _("Wishes about messages seen")
    REQUEST_RECEIVED = "requests.received", _("Request of a person received")
    REQUEST_VIEWED = "requests.viewed", _("Request of a person seen")
    IDENTITY_ASKED = "requests.identity_asked", _("Identity asked for")
    IDENTITY_CONFIRMED = "requests.identity_confirmed", _("Identity confirmed")
    REQUEST_CORRECTED = "requests.corrected", _("Data corrected on request")
    REQUEST_DONE = "requests.done", _("Request of a person done")
    REQUEST_REFUSED = "requests.refused", _("Request of a person refused")
    PACKAGE_ASKED = "packages.asked", _("Package of somebody's data asked for")
    PACKAGE_SENT = "packages.sent", _("Link to a package of data sent")
    PACKAGE_CODE_ASKED = "packages.code_asked", _("Code for a package of data asked for")
    PACKAGE_TAKEN = "packages.taken", _("Package of data downloaded by the person")
    PACKAGE_REMOVED = "packages.removed", _("Package of data removed, not downloaded")
