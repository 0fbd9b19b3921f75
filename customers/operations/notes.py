"""Notes and tags: what staff write on a customer's page."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from common.operations import audit
from customers.models import Customer, Note
from customers.operations.profile import record_change
from customers.rules.tags import LONGEST, MOST, normal_tag

LONGEST_NOTE = 2000


class NoteUnreadable(DomainError):
    code = "note_unreadable"


@transaction.atomic
def add_note(customer: Customer, *, text: str, author: User, reference: str, at: datetime) -> Note:
    """Keep a note; a repeat with the same reference returns the first. Raises NoteUnreadable."""
    if not 1 <= len(text) <= LONGEST_NOTE or "\0" in text:
        raise NoteUnreadable(_("A note has from 1 to 2,000 characters."))
    note, is_new = Note.objects.get_or_create(
        reference=reference,
        defaults={"customer": customer, "text": text, "author": author, "written_at": at},
    )
    if is_new:
        audit("customers.note_added", customer, at=at, by=author)
    return note


@transaction.atomic
def pin_note(note: Note, *, by: User, at: datetime) -> None:
    """Keep the note on top, or let it go again."""
    note.is_pinned = not note.is_pinned
    note.save(update_fields=["is_pinned"])
    audit("customers.note_pinned", note.customer, at=at, by=by)


class NoteOfAnother(DomainError):
    code = "note_of_another"


@transaction.atomic
def remove_note(note: Note, *, by: User, at: datetime) -> None:
    """Take a note away; raises NoteOfAnother for all but its author and administrators."""
    if note.author_id != by.pk and not by.has_perm("customers.delete_note"):
        raise NoteOfAnother(_("Only who wrote a note takes it away."))
    customer = note.customer
    note.delete()
    audit("customers.note_removed", customer, at=at, by=by)


class TagTooLong(DomainError):
    code = "tag_too_long"


class TooManyTags(DomainError):
    code = "too_many_tags"


@transaction.atomic
def tag(customer: Customer, *, text: str, by: User, at: datetime) -> None:
    """Put a tag on the customer; one that is there stays. Raises TagTooLong, TooManyTags."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    name = normal_tag(text)
    if not name or name in customer.tags:
        return
    if len(name) > LONGEST:
        raise TagTooLong(_("A tag has %(most)s characters at most.") % {"most": LONGEST})
    if len(customer.tags) >= MOST:
        raise TooManyTags(_("A customer has %(most)s tags at most.") % {"most": MOST})
    _keep(customer, sorted([*customer.tags, name]), by=by, at=at)


@transaction.atomic
def untag(customer: Customer, *, text: str, by: User, at: datetime) -> None:
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    _keep(customer, [name for name in customer.tags if name != text], by=by, at=at)


def _keep(customer: Customer, tags: list[str], *, by: User, at: datetime) -> None:
    if tags != customer.tags:
        record_change(customer, fields=["tags"], at=at)
    customer.tags, customer.updated_at = tags, at
    customer.save(update_fields=["tags", "updated_at"])
    audit("customers.changed", customer, at=at, by=by, fields=["tags"])
