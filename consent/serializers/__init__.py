"""What the API reads and shows of choices and permissions."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.fields import Moment, Named
from consent.enums import Act, ActorKind, Channel, Verdict
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    Notice,
    NoticeText,
    NoticeVersion,
    Purpose,
)
from consent.queries.past import Judgement, Past
from consent.queries.standings import Verdicts
from customers.enums import Category
from customers.serializers.people import customer_field

ACTS = [Act.GIVEN, Act.RENEWED, Act.REFUSED, Act.WITHDRAWN, Act.OBJECTED]
ACTORS = [ActorKind.SUBJECT, ActorKind.GUARDIAN, ActorKind.STAFF, ActorKind.PROGRAM]


class ChoiceSerializer(serializers.Serializer):
    """What a person chose: about channels, kinds of data, or both.

    ``reference`` is the program's own name for this choice: sent again, it changes nothing.
    A permission rests on the text that the collection point showed at that moment; who showed
    another one names it by ``notice``, ``notice_version`` and ``language`` (see ``/notices``).
    ``evidence`` is kept sealed, and is needed when staff or a program speaks for the person.
    """

    customer = customer_field()
    purpose = Named(Purpose.objects.all(), by="code", max_length=32)
    act = serializers.ChoiceField([(act.value, act.label) for act in ACTS])
    channels = serializers.ListField(
        child=serializers.ChoiceField(Channel.choices), default=list, max_length=len(Channel)
    )
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), default=list, max_length=len(Category)
    )
    collection_point = Named(CollectionPoint.objects.all(), by="code", max_length=32)
    actor = serializers.ChoiceField(
        [(kind.value, kind.label) for kind in ACTORS], default=ActorKind.SUBJECT.value
    )
    notice = Named(Notice.objects.all(), by="code", max_length=32, required=False)
    notice_version = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    evidence = serializers.CharField(max_length=2000, default="", allow_blank=True)
    occurred_at = Moment()
    reference = serializers.CharField(max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = {name: attrs.pop(name, None) for name in ("notice", "notice_version", "language")}
        actor = ActorKind(attrs.pop("actor"))
        return {
            **attrs,
            "notice_text": _text_called(named) if any(named.values()) else None,
            "actor_kind": actor,
            "act": Act(attrs["act"]),
            "channels": [Channel(value) for value in attrs["channels"]],
            "categories": [Category(value) for value in attrs["categories"]],
            "collection_point": attrs["collection_point"].pk,
        }


def _text_called(named: Mapping[str, Any]) -> NoticeText:
    """Return the words that are named; notice, version and language are needed to name them."""
    for name, value in named.items():
        if value is None:
            raise serializers.ValidationError(
                {name: [_("Name the notice, its version and the language.")]}, code="required"
            )
    text = (
        NoticeText.objects.select_related("version")
        .filter(
            version__notice=named["notice"],
            version__number=named["notice_version"],
            language=named["language"],
        )
        .first()
    )
    if text is None:
        raise serializers.ValidationError(
            {"notice_version": [_("There is none with this name.")]}, code="unknown"
        )
    return text


class ConsentEventSerializer(serializers.ModelSerializer):
    """One choice, about a channel or about a kind of data."""

    channel = serializers.ChoiceField(Channel.choices, allow_blank=True, read_only=True)
    category = serializers.ChoiceField(Category.choices, allow_blank=True, read_only=True)
    actor = serializers.ChoiceField(ActorKind.choices, source="actor_kind", read_only=True)
    notice = serializers.CharField(
        source="notice_text.version.notice_id", default=None, read_only=True
    )
    notice_version = serializers.IntegerField(
        source="notice_text.version.number", default=None, read_only=True
    )
    language = serializers.CharField(source="notice_text.language", default=None, read_only=True)

    class Meta:
        model = ConsentEvent
        fields = (
            "purpose",
            "channel",
            "category",
            "act",
            "basis",
            "collection_point",
            "actor",
            "notice",
            "notice_version",
            "language",
            "occurred_at",
            "recorded_at",
            "valid_until",
        )
        read_only_fields = fields


class DecidedBy(serializers.ModelSerializer):
    """The choice that decided, where it was made, and the words that were shown."""

    notice = serializers.CharField(
        source="notice_text.version.notice_id", default=None, help_text="The notice's code."
    )
    notice_version = serializers.IntegerField(source="notice_text.version.number", default=None)
    language = serializers.CharField(source="notice_text.language", default=None)
    text_sha256 = serializers.SerializerMethodField(allow_null=True)

    class Meta:
        model = ConsentEvent
        fields = (
            "act",
            "occurred_at",
            "recorded_at",
            "valid_until",
            "collection_point",
            "collection_version",
            "notice",
            "notice_version",
            "language",
            "text_sha256",
        )
        read_only_fields = fields

    def get_text_sha256(self, event: ConsentEvent) -> str | None:
        return bytes(event.notice_text.body_sha256).hex() if event.notice_text else None


class PurposeSerializer(serializers.ModelSerializer):
    """What data are used for, and on which basis."""

    class Meta:
        model = Purpose
        fields = (
            *("code", "name_en", "name_pt", "explanation_en", "explanation_pt", "basis"),
            *("needs_opt_in", "adults_only", "valid_days", "is_active"),
        )
        read_only_fields = fields


class NoticeTextSerializer(serializers.ModelSerializer):
    """The exact words in one language."""

    sha256 = serializers.SerializerMethodField(help_text="Of the body in UTF-8, in hexadecimal.")

    class Meta:
        model = NoticeText
        fields = ("language", "body", "recipients", "retention", "sha256")
        read_only_fields = fields

    def get_sha256(self, text: NoticeText) -> str:
        return bytes(text.body_sha256).hex()


class NoticeSerializer(serializers.ModelSerializer):
    """The version of a notice that is in force, and where it is shown."""

    code = serializers.CharField(source="notice.code")
    name = serializers.CharField(source="notice.name")
    version = serializers.IntegerField(source="number")
    purposes: "serializers.SlugRelatedField[Purpose]" = serializers.SlugRelatedField(
        "code", many=True, read_only=True
    )
    collection_points = serializers.SerializerMethodField()
    texts = NoticeTextSerializer(many=True)

    class Meta:
        model = NoticeVersion
        fields = (
            *("code", "name", "version", "published_at", "is_material", "purposes"),
            *("collection_points", "texts"),
        )
        read_only_fields = fields

    def get_collection_points(self, version: NoticeVersion) -> list[str]:
        return sorted(
            point.code for point in version.notice.collectionpoint_set.all() if point.is_active
        )


class Judged(serializers.Serializer):
    """Whether something may be used, and the sentence that says why (not)."""

    allowed = serializers.BooleanField()
    verdict = serializers.ChoiceField(Verdict.choices)
    reason = serializers.CharField(help_text="In the language of the request.")
    decided_by = DecidedBy(required=False, allow_null=True, help_text="Only with `at`.")


def judged(verdict: Verdict) -> dict[str, Any]:
    return {
        "allowed": verdict == Verdict.ALLOWED,
        "verdict": verdict.value,
        "reason": str(verdict.label),
    }


def judged_then(judgement: Judgement) -> dict[str, Any]:
    by = judgement.decided_by
    return {**judged(judgement.verdict), "decided_by": DecidedBy(by).data if by else None}


class MomentSerializer(serializers.Serializer):
    """The moment to go back to; without it, now."""

    at = Moment(required=False)


class PermissionsSerializer(serializers.Serializer):
    """What one purpose may use of a customer, channel by channel and kind of data by kind."""

    purpose = serializers.CharField(source="purpose.code")
    basis = serializers.CharField(source="purpose.basis")
    channels = serializers.SerializerMethodField()
    categories = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=Judged()))
    def get_channels(self, verdicts: Verdicts) -> dict[str, Any]:
        return {channel.value: judged(verdict) for channel, verdict in verdicts.channels.items()}

    @extend_schema_field(serializers.DictField(child=Judged()))
    def get_categories(self, verdicts: Verdicts) -> dict[str, Any]:
        return {kind.value: judged(verdict) for kind, verdict in verdicts.categories.items()}


class PastSerializer(PermissionsSerializer):
    """What one purpose could use of a customer at a moment, and the choices that decided it."""

    @extend_schema_field(serializers.DictField(child=Judged()))
    def get_channels(self, past: Past) -> dict[str, Any]:  # type: ignore[override]
        return {it.thing.value: judged_then(it) for it in past.channels}

    @extend_schema_field(serializers.DictField(child=Judged()))
    def get_categories(self, past: Past) -> dict[str, Any]:  # type: ignore[override]
        return {it.thing.value: judged_then(it) for it in past.categories}
