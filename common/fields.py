from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.fields import CharField, DateTimeField, empty


class Named(CharField):
    """A record by the name that the outside knows it by; our own ids stay inside."""

    default_error_messages = {"unknown": _("There is none with this name.")}

    def __init__(self, queryset: QuerySet[Any], *, by: str, **options: Any) -> None:
        super().__init__(**options)
        self.queryset, self.by = queryset, by

    def run_validation(self, data: Any = empty) -> Any:
        name = super().run_validation(data)
        if name is None:
            return None
        record = self.record_called(name)
        if record is None:
            self.fail("unknown")
        return record

    def record_called(self, name: str) -> Any:
        """Return the record of this name, or None."""
        return self.queryset.filter(**{self.by: name}).first()

    def to_representation(self, value: Any) -> str:
        return str(getattr(value, self.by))


class Moment(DateTimeField):
    """A moment since 1900: zones of before had odd seconds, which RFC 3339 cannot write."""

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if moment.year < 1900:
            self.fail("overflow")
        return moment
