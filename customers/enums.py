from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """Data categories: every personal field has exactly one; permission is asked per category.

    A declared address is demographic; location is what was tracked.
    """

    IDENTITY = "identity", _("Identity")
    CONTACT = "contact", _("Contact details")
    DEMOGRAPHIC = "demographic", _("About the person")
    PURCHASE = "purchase", _("Purchases")
    BROWSING = "browsing", _("Pages and clicks")
    SEARCH = "search", _("Searches")
    IN_STORE = "in_store", _("Behaviour in the store")
    LOCATION_COARSE = "location_coarse", _("Approximate location")
    LOCATION_PRECISE = "location_precise", _("Exact location")
    SENSITIVE = "sensitive", _("Sensitive")
    INFERRED = "inferred", _("Inferred")


class BirthDatePolicy(models.TextChoices):
    """How much of a birth date the shop keeps."""

    FULL = "full", _("The whole date")
    DAY_AND_MONTH = "day_and_month", _("Day and month only")
    NONE = "none", _("Nothing")


class FieldType(models.TextChoices):
    """What a detail of an event may be."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("Date")
    MOMENT = "moment", _("Date and time")


class AttributeType(models.TextChoices):
    """What the values of an attribute are; the shop declares its attributes."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    DATE = "date", _("Date")
    MOMENT = "moment", _("Date and time")
    BOOLEAN = "boolean", _("Yes or no")
    CHOICE = "choice", _("Choice")
    LIST = "list", _("List")


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")


class Stage(models.TextChoices):
    """How far a person has come in the funnel."""

    VISITOR = "visitor", _("Visitor")
    PROSPECT = "prospect", _("Prospect")
    CUSTOMER = "customer", _("Customer")
    LAPSED = "lapsed", _("Lapsed")


class Touch(models.TextChoices):
    """What an event of a kind says about the customer; ``CustomerMetrics`` keeps the latest."""

    SEEN = "seen", _("Did something")
    OPENED = "opened", _("Opened a message")
    CLICKED = "clicked", _("Followed a link")


class ProfileTab(models.TextChoices):
    """Which page of a customer's profile shows a panel."""

    OVERVIEW = "overview", _("Overview")
    ORDERS = "orders", _("Orders and carts")
    REWARDS = "rewards", _("Points and vouchers")
    MESSAGES = "messages", _("Messages and segments")
    PERMISSIONS = "permissions", _("Permissions")
    CARE = "care", _("Cases and surveys")
    ACCESS = "access", _("Who looked")


class Pace(models.TextChoices):
    """How the time since the last order compares with the customer's usual gap."""

    ON_TIME = "on_time", _("Buying as usual")
    LATE = "late", _("Later than usual")
    OVERDUE = "overdue", _("At risk of leaving")


class RfmGroup(models.TextChoices):
    """The eleven groups in wide use, by recency, frequency and monetary value of orders."""

    CHAMPIONS = "champions", _("Champions")
    LOYAL = "loyal", _("Loyal")
    POTENTIAL_LOYALIST = "potential_loyalist", _("Potential loyalist")
    NEW = "new", _("New customer")
    PROMISING = "promising", _("Promising")
    NEED_ATTENTION = "need_attention", _("Needs attention")
    ABOUT_TO_SLEEP = "about_to_sleep", _("About to sleep")
    AT_RISK = "at_risk", _("At risk")
    CANT_LOSE = "cant_lose", _("Can't lose")
    HIBERNATING = "hibernating", _("Hibernating")
    LOST = "lost", _("Lost")


class Tenure(models.TextChoices):
    """How long ago somebody's first order was."""

    FIRST_YEAR = "first_year", _("in their first year")
    TO_THREE = "to_three", _("of one to three years")
    LONGER = "longer", _("of more than three years")


class Pick(models.TextChoices):
    """Whose value stays when two records become one."""

    SURVIVOR = "survivor", _("This record's")
    LOSER = "loser", _("The other's")
    BOTH = "both", _("Both together")


class DuplicateReason(models.TextChoices):
    """Why two records may be one person's."""

    TAX_ID = "tax_id", _("same CPF or CNPJ")
    EMAIL = "email", _("same e-mail")
    PHONE = "phone", _("same phone")
    NAME_AND_BIRTH = "name_and_birth", _("same name and birth date")
    NAME_AND_PLACE = "name_and_place", _("similar name, same postal code")


class CandidateState(models.TextChoices):
    OPEN = "open", _("Not looked at")
    DISMISSED = "dismissed", _("Two people")
    MERGED = "merged", _("Merged")


class OrderStatus(models.TextChoices):
    PLACED = "placed", _("Placed")
    PARTIALLY_RETURNED = "partially_returned", _("Partially returned")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


# Orders that count, with what they are still worth; the others count as if never placed.
STANDING = (OrderStatus.PLACED, OrderStatus.PARTIALLY_RETURNED)


class CartState(models.TextChoices):
    OPEN = "open", _("Open")
    ABANDONED = "abandoned", _("Abandoned")
    CONVERTED = "converted", _("Converted")


class CaseStatus(models.TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class ContactChannel(models.TextChoices):
    """Where a complaint came in."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")
    COUNTER = "counter", _("Counter")


class CellType(models.TextChoices):
    """What the cells of a file's column are read as."""

    TEXT = "text", _("Text")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    TAX_ID = "tax_id", _("CPF or CNPJ")
    DATE = "date", _("Date")
    MOMENT = "moment", _("Date and time")
    MONEY = "money", _("Money")
    NUMBER = "number", _("Number")
    WHOLE = "whole", _("Whole number")
    CHOICE = "choice", _("Choice")
    WORDS = "words", _("Words")
    TAGS = "tags", _("Tags")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    CHECKING = "checking", _("Checking")
    READY = "ready", _("Checked, waiting for your go")
    QUEUED = "queued", _("Waiting")
    MERGING = "merging", _("Running")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class StartRule(models.TextChoices):
    """When a file comes in after its check."""

    ASK = "ask", _("When somebody says so")
    WHEN_CLEAN = "auto", _("By itself, when no row is rejected")
    AFTER_CHECK = "after_check", _("By itself, without the rejected rows")


class WebhookContent(models.TextChoices):
    """How much of an event a webhook tells; permission can only make it less."""

    EVENT = "event", _("That it happened, and when")
    CUSTOMER = "customer", _("Also the customer's number")
    DETAILS = "details", _("Also the customer's number and the event's details")


class DisabledReason(models.TextChoices):
    """Why a webhook was switched off by the program itself."""

    GONE = "gone", _("The receiver says that the address is gone for good")
    FAILING = "failing", _("Nothing got through for five days")


class DeliveryState(models.TextChoices):
    READY = "ready", _("Waiting")
    LEASED = "leased", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed, tried again later")
    DEAD = "dead", _("Given up")


class ErasureState(models.TextChoices):
    WAITING = "waiting", _("Waits for a second person")
    ERASED = "erased", _("Erased")
    DECLINED = "declined", _("Declined")


class AuditAction(models.TextChoices):
    """What people and programs do or see here, as the audit writes it down."""

    LISTED = "customers.listed", _("List with people seen")
    VIEWED = "customers.viewed", _("Customer seen")
    ADDED = "customers.added", _("Customer added")
    CREATED = "customers.created", _("Customer created by a program")
    CHANGED = "customers.changed", _("Customer changed")
    ORDER_RECORDED = "customers.order_recorded", _("Order told by a program")
    ORDER_CANCELLED = "customers.order_cancelled", _("Order cancelled by a program")
    LINES_RETURNED = "customers.order_lines_returned", _("Return told by a program")
    CART_TOLD = "customers.cart_told", _("Cart told by a program")
    CASE_OPENED = "customers.case_opened", _("Case opened")
    SURVEY_ANSWERED = "customers.survey_answered", _("Survey answer told by a program")
    KIND_DECLARED = "customers.kind_declared", _("Kind of event declared")
    KIND_CHANGED = "customers.kind_changed", _("Kind of event changed")
    ATTRIBUTE_DECLARED = "customers.attribute_declared", _("Attribute declared")
    ATTRIBUTE_CHANGED = "customers.attribute_changed", _("Attribute changed")
    ATTRIBUTE_RETIRED = "customers.attribute_retired", _("Attribute retired")
    ATTRIBUTE_BROUGHT_BACK = "customers.attribute_brought_back", _("Attribute brought back")
    NOTE_ADDED = "customers.note_added", _("Note added")
    NOTE_PINNED = "customers.note_pinned", _("Note pinned or unpinned")
    NOTE_REMOVED = "customers.note_removed", _("Note removed")
    MERGED = "customers.merged", _("Another customer merged into this one")
    MERGED_AWAY = "customers.merged_away", _("Merged into another customer")
    UNMERGED = "customers.unmerged", _("Merge undone")
    NOT_THE_SAME = "customers.not_the_same", _("Said not to be the same as another")
    ERASED = "customers.erased", _("Customer erased")
    ERASURE_ASKED = "erasures.asked", _("Erasure of a customer asked for")
    ERASURE_VIEWED = "erasures.viewed", _("Erasure to approve seen")
    ERASURE_APPROVED = "erasures.approved", _("Erasure of a customer approved")
    ERASURE_DECLINED = "erasures.declined", _("Erasure of a customer declined")
    IMPORT_UNDONE = "customers.import_undone", _("Import taken back")
    LEFT_ROWS_EXPORTED = "customers.left_rows_exported", _("Rows that an undo left downloaded")
    FILE_BROUGHT = "customers.file_brought", _("File brought by a program")
    IMPORT_STARTED = "customers.import_started", _("Import started by a program")
    IMPORT_CANCELLED = "customers.import_cancelled", _("Import cancelled by a program")
    REJECTED_ROWS_EXPORTED = "customers.rejected_rows_exported", _("Rejected rows downloaded")
    CONSUMER_WOKEN = "customers.consumer_woken", _("Consumer asked to try again")
    EVENT_REPLAYED = "customers.event_replayed", _("Event that was set aside replayed")
    WEBHOOK_CREATED = "customers.webhook_created", _("Webhook made")
    WEBHOOK_CHANGED = "customers.webhook_changed", _("Webhook changed")
    WEBHOOK_SECRET_REPLACED = "customers.webhook_secret_replaced", _("Webhook's secret replaced")
    WEBHOOK_REMOVED = "customers.webhook_removed", _("Webhook removed")
    WEBHOOK_TESTED = "customers.webhook_tested", _("Webhook tested")
    WEBHOOK_REPLAYED = "customers.webhook_replayed", _("Webhook delivery replayed")
    WEBHOOK_SWITCHED_OFF = "customers.webhook_switched_off", _("Webhook switched off")
    SENSITIVE_DECIDED = "customers.sensitive_decided", _("Goods said to be sensitive, or not")
    SENSITIVE_LEFT = "customers.sensitive_left", _("Goods left to the lexicon again")
