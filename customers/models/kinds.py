from collections.abc import Iterable

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.enums import Category, FieldType, Touch
from customers.rules import EventKind, KindField

# Not the name of an app of ours, so that no kind of theirs can be taken.
PREFIX = "shop."


class DeclaredKind(models.Model):
    """A kind of event that the shop's staff declare, beside those that the apps do."""

    code = models.CharField(
        _("code"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(r"^shop\.[a-z][a-z0-9_]*\Z", _("Write it as shop.recipe_saved."))
        ],
        help_text=_("What programs call it, such as shop.recipe_saved. It stays as it is."),
    )
    label = models.CharField(_("name"), max_length=100)
    category = models.CharField(
        _("kind of data"),
        max_length=20,
        choices=Category,
        help_text=_("Pages, searches, locations and visits keep a name only with permission."),
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("kind of event")
        verbose_name_plural = _("kinds of event")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__startswith=PREFIX), name="declared_kind_is_of_the_shop"
            )
        ]

    def __str__(self) -> str:
        return self.label

    def as_event_kind(self, details: Iterable["DeclaredField"]) -> EventKind:
        """Return it as apps declare theirs; ``details`` are its ``fields``, read before."""
        fields = tuple(
            KindField(field.name, FieldType(field.type), field.required) for field in details
        )
        return EventKind(
            code=self.code,
            label=self.label,
            category=Category(self.category),
            sentence=", ".join(f"%({field.name})s" for field in fields if field.required),
            icon="sensors",
            fields=fields,
            touches=frozenset({Touch.SEEN}),
        )


class DeclaredField(models.Model):
    """A detail that events of the kind may or must have."""

    kind = models.ForeignKey(DeclaredKind, models.CASCADE, related_name="fields")
    name = models.CharField(
        _("name"),
        max_length=40,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("Use small letters, digits and underscores."))
        ],
    )
    type = models.CharField(_("type"), max_length=8, choices=FieldType, default=FieldType.TEXT)
    required = models.BooleanField(_("required"), default=False)

    class Meta:
        verbose_name = _("detail")
        verbose_name_plural = _("details")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="declared_field_once_per_kind")
        ]

    def __str__(self) -> str:
        return self.name
