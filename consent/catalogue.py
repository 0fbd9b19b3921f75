"""What the columns of this app say."""

from django.utils.translation import gettext_lazy as _

from consent.enums import Channel
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    InboundMessage,
    MutedTopic,
    Notice,
    NoticeText,
    NoticeVersion,
    Package,
    PendingOptIn,
    Permission,
    PrivacySettings,
    ProofRun,
    Purpose,
    Restriction,
    RetentionLine,
    RetentionRun,
    SubjectRequest,
    Suppression,
    Suspension,
    Tally,
    Wish,
)
from customers.enums import Category
from customers.rules.catalogue import Described

PROOF = _("To prove what was allowed when, and to keep to it.")
WISHING = _("To write only as often, and about what, somebody wishes.")
THEMSELVES = _("From the person.")
CHOICES = _("From the person: a form, a call, the counter, a link in a message.")

SCOPES = {
    **{f"channel_{channel.value}": channel.label for channel in Channel},
    **{f"data_{category.value}": category.label for category in Category},
}

CATALOGUE = [
    Described(
        ConsentEvent,
        facts={
            Category.IDENTITY: "purpose channel category act basis notice_text collection_point"
            " collection_version actor_kind occurred_at recorded_at valid_until evidence_sealed"
        },
        staff="actor",
        plain="id customer reference first_customer_id chain_position previous_hash row_hash"
        " evidence_hash",
        purpose=PROOF,
        origin=CHOICES,
        shared=_("Webhooks are told what was chosen."),
        words={"evidence_sealed": _("evidence, sealed")},
    ),
    Described(
        Permission,
        facts={Category.IDENTITY: f"purpose {' '.join(SCOPES)} valid_until changed_at"},
        plain="id customer last_event_id",
        purpose=PROOF,
        origin=_("What the person's choices add up to."),
        words={
            "purpose": _("purpose"),
            "valid_until": _("valid until"),
            "changed_at": _("changed at"),
            **SCOPES,
        },
    ),
    Described(
        Suppression,
        facts={
            Category.CONTACT: "channel contact_hash reason purpose source created_at lifted_at"
            " lift_reason"
        },
        staff="lifted_by",
        plain="id",
        purpose=_("So that nobody writes to an address again that does not want it."),
        origin=_("From the person, from mail providers, from staff."),
        until=_("For good: of the address a keyed hash alone."),
        words={"contact_hash": _("keyed hash of the address")},
    ),
    Described(
        PendingOptIn,
        facts={
            Category.CONTACT: "channel purpose categories collection_point notice_text language"
            " contact_hash sealed state asked_at valid_until sent_at reminded_at confirmed_at"
        },
        plain="id customer of_age token_hash code_hash tries lease_until",
        purpose=_("So that nobody is signed up by somebody else."),
        origin=THEMSELVES,
        until=_("A week: the address itself, sealed, for 48 hours at most."),
        words={
            "contact_hash": _("keyed hash of the address"),
            "sealed": _("address, sealed"),
        },
    ),
    Described(
        InboundMessage,
        facts={
            Category.CONTACT: "channel contact_hash meaning state sealed reply received_at read_at"
        },
        staff="read_by",
        plain="id customer reference hold",
        purpose=_("To do what somebody writes to us: above all to stop."),
        origin=THEMSELVES,
        until=_("The words, sealed, until they are read: 72 hours at most."),
        words={
            "contact_hash": _("keyed hash of the address"),
            "sealed": _("words, sealed"),
        },
    ),
    Described(
        Purpose,
        plain="code name_en name_pt explanation_en explanation_pt basis needs_opt_in adults_only"
        " valid_days is_active",
    ),
    Described(
        Wish,
        facts={Category.IDENTITY: "paused_until at_most_every_days changed_at"},
        plain="id customer",
        purpose=WISHING,
        origin=THEMSELVES,
    ),
    Described(
        MutedTopic,
        facts={Category.IDENTITY: "kind value since"},
        plain="id customer",
        purpose=WISHING,
        origin=THEMSELVES,
    ),
    Described(
        Tally,
        facts={Category.CONTACT: "who_hash since count"},
        purpose=_("So that nobody asks without end."),
        origin=_("From requests to public pages."),
        until=_("A day: of the address a keyed hash alone."),
        called=_("counts of requests"),
        words={
            "who_hash": _("keyed hash of who asked"),
            "since": _("since"),
            "count": _("how often"),
        },
    ),
    Described(
        PrivacySettings,
        plain="id quiet_from quiet_until quiet_on_sundays birth_date_policy age_of_consent"
        " unknown_age_is_minor inactive_customers_months events_months messages_months"
        " cases_months evidence_months permissions_unused_months"
        " erasures_approved_by request_days",
    ),
    Described(Notice, plain="code name"),
    Described(
        NoticeVersion,
        staff="published_by",
        plain="id notice number is_material created_at published_at purposes",
    ),
    Described(NoticeText, plain="id version language body recipients retention body_sha256"),
    Described(
        CollectionPoint,
        plain="code kind name_en name_pt version notice double_opt_in is_active",
    ),
    Described(
        ProofRun,
        plain="id at finished_at permissions_checked differences choices_checked chains_broken"
        " messages_checked messages_without_permission clicks_checked clicks_without_permission"
        " details",
    ),
    Described(
        Suspension,
        plain="id version began_at last_customer_id people_expected people_suspended finished_at",
    ),
    Described(RetentionRun, plain="id day started_at finished_at"),
    Described(RetentionLine, plain="id run part months before count finished_at"),
    Described(
        SubjectRequest,
        facts={
            Category.IDENTITY: "kind stage door received_at due_at stopped_at"
            " identity_confirmed_at closed_at words_sealed proposed_sealed answer_sealed"
        },
        staff="handled_by",
        plain="id customer reference reminded_at_days told_at",
        purpose=_("To answer what people ask about their data, in time."),
        origin=THEMSELVES,
        words={
            "words_sealed": _("what they said, sealed"),
            "proposed_sealed": _("proposed values, sealed"),
            "answer_sealed": _("answer, sealed"),
        },
    ),
    Described(
        Package,
        facts={
            Category.IDENTITY: "language state asked_at ready_at valid_until told_at taken_at"
            " code_channel"
        },
        plain="id customer lease_until tries file code_hash code_sealed code_until code_tries",
        purpose=_("To hand somebody all that is held about them."),
        origin=_("From all that is held about the person."),
        until=_("The file, sealed, until it is downloaded: 72 hours at most."),
    ),
    Described(
        Restriction,
        facts={Category.IDENTITY: "reason since until lifted_at"},
        staff="by",
        plain="id customer",
        purpose=_("To keep somebody's data and use them for nothing."),
        origin=_("From the person and from staff."),
    ),
]
