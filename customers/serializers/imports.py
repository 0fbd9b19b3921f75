"""Files that programs bring."""

from datetime import datetime
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.enums import (
    StartRule,
)
from customers.models import (
    ImportJob,
    RejectedRow,
)
from customers.operations.imports import touches, undoable_until
from customers.queries.imports import Progress, earlier_imports, progress


class BroughtFileSerializer(serializers.Serializer):
    """A file to bring in: CSV, or a zip with one."""

    file = serializers.FileField(max_length=200)
    kind = serializers.CharField(help_text="What is in it: customers, orders, points …")
    mapping = serializers.JSONField(
        required=False,
        help_text='Which column fills which field, as {"title": "field"}. Left out, the columns'
        " are what they were last time, or what their titles say.",
    )
    saved_mapping = serializers.CharField(
        default="", max_length=100, help_text="The name of a mapping that was saved."
    )
    matched_by = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=16,
        help_text="By which field customers are matched: email, phone, tax_id; empty is their"
        " number.",
    )
    historic = serializers.BooleanField(
        default=False, help_text="Old rows count, and set off nothing."
    )
    into = serializers.CharField(
        default="",
        max_length=200,
        help_text="What all rows go into where the file has no column for it: the name of a list.",
    )
    start = serializers.ChoiceField(
        StartRule.choices,
        default=StartRule.ASK,
        source="start_rule",
        help_text="When the checked file comes in: after a call of start (ask), by itself when no"
        " row is rejected (auto), or by itself without the rejected rows (after_check).",
    )

    def validate_mapping(self, mapping: Any) -> dict[str, str]:
        is_one = isinstance(mapping, dict) and all(isinstance(it, str) for it in mapping.values())
        if not is_one:
            raise serializers.ValidationError(
                _("Say which column fills which field: an object of texts.")
            )
        return {title: target for title, target in mapping.items() if target}


class ImportSerializer(serializers.ModelSerializer):
    """An import, and how far it has come."""

    start = serializers.ChoiceField(StartRule.choices, source="start_rule", read_only=True)

    class Meta:
        model = ImportJob
        fields: tuple[str, ...] = (
            "id", "kind", "file_name", "state", "historic", "start", "refusal", "row_count",
            "merged_rows", "created_count", "updated_count", "unchanged_count", "rejected_count",
            "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class ImportPreviewSerializer(serializers.Serializer):
    """What the check foresaw; ``touched`` says in words what would change besides the rows."""

    # REST framework takes fields out of the class: its own methods stay.
    create = serializers.IntegerField()  # type: ignore[assignment]
    update = serializers.IntegerField()  # type: ignore[assignment]
    unchanged = serializers.IntegerField()
    reject = serializers.IntegerField()
    touched = serializers.SerializerMethodField()

    def get_touched(self, preview: dict[str, Any]) -> list[str]:
        known = touches()
        found = preview.get("touched", [])
        return [str(known[code].said(facts)) for code, facts in found if code in known]


class ImportDetailSerializer(ImportSerializer):
    """An import with its columns, its preview, and earlier imports of the very same file."""

    preview = serializers.SerializerMethodField()
    rows_a_second = serializers.SerializerMethodField(help_text="Null while nobody can tell.")
    seconds_left = serializers.SerializerMethodField(help_text="Null while nobody can tell.")
    same_file = serializers.SerializerMethodField(
        help_text="Imports by which this very file came in before."
    )
    undone = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    undoable_until = serializers.SerializerMethodField(help_text="Null when it cannot be undone.")

    class Meta(ImportSerializer.Meta):
        fields = (
            *ImportSerializer.Meta.fields, "mapping", "preview", "rows_a_second", "seconds_left",
            "matched_by", "same_file", "undone", "undoable_until",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ImportPreviewSerializer(allow_null=True))
    def get_preview(self, job: ImportJob) -> dict[str, Any] | None:
        return ImportPreviewSerializer(job.preview).data if job.preview else None

    @cached_property
    def _progress(self) -> Progress:
        job: Any = self.instance
        return progress(job, at=self.context["at"])

    def get_rows_a_second(self, job: ImportJob) -> int | None:
        return self._progress.rate

    def get_seconds_left(self, job: ImportJob) -> int | None:
        left = self._progress.left
        return None if left is None else round(left.total_seconds())

    def get_same_file(self, job: ImportJob) -> list[int]:
        return list(earlier_imports(job).values_list("pk", flat=True)[:10])

    def get_undoable_until(self, job: ImportJob) -> datetime | None:
        return undoable_until(job)


class RejectedRowSerializer(serializers.ModelSerializer):
    """One reason why one line did not come in; ``message`` says it in words."""

    message = serializers.CharField(source="sentence", read_only=True)

    class Meta:
        model = RejectedRow
        fields = ("line", "column", "value", "reason", "message")
        read_only_fields = fields
