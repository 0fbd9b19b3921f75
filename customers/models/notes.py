from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.models.profile import Customer


class NoteQuerySet(models.QuerySet["Note"]):
    def in_reading_order(self) -> "NoteQuerySet":
        """Put pinned notes first, then the newest."""
        return self.order_by("-is_pinned", "-written_at", "-id")


class Note(models.Model):
    """What a member of staff wants the next one to know about a customer."""

    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="notes",
        db_index=False,
        verbose_name=_("customer"),
    )
    text = models.TextField(_("note"), max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("written by")
    )
    is_pinned = models.BooleanField(_("pinned"), default=False)
    written_at = models.DateTimeField(_("written at"), default=now)
    # The form's own, so that a double click writes one note.
    reference = models.CharField(max_length=64, unique=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [
            models.Index(
                fields=["customer", "-is_pinned", "-written_at", "-id"], name="note_of_customer"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
