"""What the columns of this app say, and those of ``common``, which knows no customers."""

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from common.models import (
    ApiKey,
    ApiKeyUsage,
    AuditEntry,
    Authenticator,
    Export,
    IdempotencyRecord,
    Lockout,
    RecoveryCode,
    RoleSecurity,
    User,
)
from customers.enums import Category
from customers.models import (
    AttributeDefinition,
    Cart,
    Case,
    ConsumerFault,
    ConsumerPosition,
    Customer,
    CustomerMetrics,
    DeclaredField,
    DeclaredKind,
    DuplicateCandidate,
    Erasure,
    ErasureRequest,
    Event,
    Generation,
    ImportJob,
    Merge,
    MergedRows,
    Note,
    Order,
    OrderLine,
    PeerGroup,
    PersonKey,
    Product,
    RejectedRow,
    SavedMapping,
    ScoreCuts,
    SensitiveDecision,
    SensitiveTopic,
    SurveyAnswer,
    WebhookDelivery,
    WebhookSubscription,
)
from customers.rules.catalogue import Described

KNOWING = _("To know who somebody is, to serve them, and to write to those who allowed it.")
SELLING = _("To carry out orders, and to keep the books that the law asks for.")
SERVING = _("To answer what people ask and to put right what went wrong.")
TIDYING = _("To keep one record of each person.")
PROVING = _("To prove what was done with data, and by whom.")

THEMSELVES = _("From the person, at the counter, on the site or in a file of the shop.")
TILL = _("From the shop's checkout and site, and from files of past orders.")
WORKED_OUT = _("Worked out from orders and events.")
STAFF = _("Written by staff.")

CARRIERS = _(
    "Who carries messages (e-mail, SMS) is given the address, webhooks what they ask for."
)
HOOKS = _("Servers that the shop connected by webhooks.")

PEOPLE = [
    Described(
        Customer,
        facts={
            Category.IDENTITY: "external_id first_name last_name plain_name tax_id registered_at",
            Category.CONTACT: "email phone language email_hash phone_hash",
            Category.DEMOGRAPHIC: "birth_date gender timezone country state city postal_code"
            " interests tags attributes",
            Category.PURCHASE: "stage",
        },
        plain="id created_at updated_at erased_at merged_into imported_by",
        purpose=KNOWING,
        origin=THEMSELVES,
        shared=CARRIERS,
        words={
            "plain_name": _("name without accents, to search by"),
            "email_hash": _("keyed hash of the e-mail"),
            "phone_hash": _("keyed hash of the phone"),
        },
    ),
    Described(
        Order,
        facts={
            Category.PURCHASE: "external_id ordered_at status total returned_total net_total"
            " discount store",
        },
        plain="id customer revision created_at updated_at imported_by",
        purpose=SELLING,
        origin=TILL,
        shared=HOOKS,
    ),
    Described(
        OrderLine,
        facts={
            Category.PURCHASE: "product quantity returned_quantity total discount returned_total"
        },
        plain="id order number",
        purpose=SELLING,
        origin=TILL,
        shared=HOOKS,
    ),
    Described(
        Cart,
        facts={Category.PURCHASE: "external_id state total item_count changed_at"},
        plain="id customer imported_by",
        purpose=_("To keep what somebody was about to buy."),
        origin=TILL,
    ),
    Described(
        Case,
        facts={
            Category.CONTACT: "reference channel subject text status opened_at resolved_at"
            " resolution"
        },
        staff="agent",
        plain="id customer",
        purpose=SERVING,
        origin=_("From the person and from staff who answered."),
    ),
    Described(
        Note,
        facts={Category.CONTACT: "text is_pinned written_at"},
        staff="author",
        plain="id customer reference",
        purpose=SERVING,
        origin=STAFF,
    ),
    Described(
        SurveyAnswer,
        facts={Category.CONTACT: "survey score comment answered_at"},
        plain="id customer reference",
        purpose=_("To learn how content people are."),
        origin=_("From the person."),
    ),
    Described(
        Event,
        # Each kind of event has a category of its own: this is the least.
        facts={Category.IDENTITY: "kind occurred_at data historic"},
        plain="id customer recorded_at reference imported_by generation xid",
        purpose=_("To show what happened, and to act on it where that is allowed."),
        origin=_("From the shop's checkout and site, and from what is done here."),
        shared=HOOKS,
        words={"historic": _("from before")},
    ),
    Described(
        CustomerMetrics,
        facts={
            Category.PURCHASE: "order_count spend first_order_at last_order_at average"
            " days_between_orders year_spend",
            Category.BROWSING: "last_event_at last_seen_at last_open_at last_click_at",
            Category.INFERRED: "recency_score frequency_score monetary_score rfm_group buys"
            " growth_potential growth_share",
        },
        plain="customer peers",
        purpose=_("To see how somebody buys, and to choose offers where that is allowed."),
        origin=WORKED_OUT,
        words={"last_event_at": _("last event")},
    ),
    Described(
        DuplicateCandidate,
        facts={Category.IDENTITY: "reasons score state found_at decided_at"},
        staff="decided_by",
        plain="id first second",
        purpose=TIDYING,
        origin=_("Worked out from names, addresses and numbers that agree."),
        words={"reasons": _("why"), "score": _("how alike"), "decided_at": _("decided at")},
    ),
    Described(
        Merge,
        facts={Category.IDENTITY: "picks before notes merged_at undone_at"},
        staff="merged_by undone_by",
        plain="id survivor loser",
        purpose=TIDYING,
        origin=STAFF,
        words={
            "picks": _("whose value stays"),
            "before": _("what the record said before"),
            "notes": _("what an undo must know"),
        },
    ),
    Described(
        Erasure,
        facts={Category.IDENTITY: "number_hash erased_at"},
        staff="erased_by",
        plain="id customer",
        purpose=_("So that who was erased does not come back with the next file."),
        origin=STAFF,
        until=_("For good: of the number a keyed hash alone."),
        called=_("erasures"),
        words={"number_hash": _("keyed hash of the customer number")},
    ),
    Described(
        ErasureRequest,
        facts={Category.IDENTITY: "state reason_sealed answer_sealed requested_at decided_at"},
        staff="requested_by decided_by",
        plain="id customer",
        purpose=_("So that nobody is erased by one person's decision alone."),
        origin=STAFF,
        called=_("erasures to approve"),
        words={
            "reason_sealed": _("why it was asked, sealed"),
            "answer_sealed": _("answer, sealed"),
        },
    ),
    Described(PersonKey, plain="id customer wrapped made_at"),
]

FILES = [
    Described(
        ImportJob,
        # The file itself, and the first rows shown before it comes in.
        facts={Category.IDENTITY: "file preview"},
        staff="created_by",
        plain="id kind file_name file_sha256 encoding delimiter header mapping matched_by into"
        " historic state start_rule refusal row_count merged_rows created_count updated_count"
        " unchanged_count rejected_count api_key created_at started_at finished_at judged_steps"
        " failures undone_upto undone undone_at forgotten_at lease_until",
        purpose=_("To bring in what the shop kept elsewhere."),
        origin=_("From files that staff or programs brought."),
        until=_("72 hours, while the import can be undone."),
        words={"preview": _("first rows")},
    ),
    Described(
        RejectedRow,
        facts={Category.IDENTITY: "value"},
        plain="id job line column reason expected",
        purpose=_("To mend rows of a file that could not come in."),
        origin=_("From files that staff or programs brought."),
        until=_("72 hours, while the import can be undone."),
    ),
    Described(
        IdempotencyRecord,
        facts={Category.IDENTITY: "body"},
        plain="id api_key key request_hash state status created_at",
        purpose=_("So that a program that asks again gets the same answer."),
        origin=_("Answers of the API."),
        until=_("A day."),
        called=_("stored answers of the API"),
        words={"body": _("answer")},
    ),
    Described(
        ConsumerFault,
        facts={Category.IDENTITY: "error"},
        plain="id consumer generation xid event_id kind at replayed_at",
        purpose=_("To mend what went wrong."),
        origin=_("Errors of the program."),
    ),
    Described(
        WebhookDelivery,
        plain="id message subscription event_id kind state created_at next_try_at lease_until"
        " fence tries delivered_at last_outcome last_status last_seconds log",
    ),
    Described(
        AuditEntry,
        facts={Category.IDENTITY: "reason"},
        staff="actor at action fields count",
        plain="id api_key subject_type subject_id",
        purpose=PROVING,
        origin=STAFF,
    ),
    Described(
        Export,
        facts={Category.IDENTITY: "filters reason"},
        staff="actor started_at finished_at columns format row_count",
        plain="id api_key subject_type subject_id",
        purpose=PROVING,
        origin=STAFF,
    ),
]

# What the shop set up, and what the program needs: nothing in them is about a customer.
SET_UP = [
    Described(
        AttributeDefinition, plain="id code label type choices category created_at retired_at"
    ),
    Described(DeclaredKind, plain="id code label category created_at"),
    Described(DeclaredField, plain="id kind name type required"),
    Described(Product, plain="id sku name category price sensitive"),
    Described(
        SensitiveTopic,
        plain="code name_pt_br name_en words_pt_br words_en is_active changed_at marked_at",
    ),
    Described(SensitiveDecision, staff="decided_by", plain="id path is_sensitive decided_at"),
    Described(
        SavedMapping, staff="created_by", plain="id name kind mapping matched_by created_at"
    ),
    Described(ScoreCuts, plain="id recency frequency monetary set_at"),
    Described(PeerGroup, plain="id tenure country state size best measured_at"),
    Described(MergedRows, plain="id merge table column rows"),
    Described(Generation, plain="number system_identifier began_at"),
    Described(
        ConsumerPosition,
        plain="name generation xid event_id updated_at error failures failed_at retry_at",
    ),
    Described(
        WebhookSubscription,
        staff="created_by",
        plain="id name url all_kinds kinds content is_active disabled_reason secret_sealed"
        " former_secret_sealed former_secret_until created_by_key created_at last_success_at"
        " failing_since",
    ),
    Described(
        User,
        staff="username first_name last_name email password last_login is_superuser is_staff"
        " is_active date_joined language apology_limit groups user_permissions",
        plain="id session_number",
    ),
    Described(Authenticator, staff="user sealed_secret last_step set_up_at", plain="id"),
    Described(RecoveryCode, staff="authenticator code_hash used_at", plain="id"),
    Described(RoleSecurity, plain="group needs_second_factor"),
    Described(Lockout, staff="user who_hash", plain="id guessed api_key since tries locked_until"),
    Described(
        ApiKey,
        staff="created_by",
        plain="id name prefix secret_hash scopes requests_per_minute created_at expires_at"
        " revoked_at last_used_at",
    ),
    Described(ApiKeyUsage, plain="api_key minute granted"),
]

CATALOGUE = [*PEOPLE, *FILES, *SET_UP]


def categories_of(model: type[Model]) -> dict[str, Category]:
    """Return the category of each column of one of these tables that says something of people."""
    return {
        name: category
        for described in CATALOGUE
        if described.model is model
        for name, category in described.named()
    }
