"""What goods are sensitive: by the lexicon, and by staff, who have the last word."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from common.operations import audit
from customers.models import Product, SensitiveDecision, SensitiveTopic
from customers.rules.lexicon import normal_lexicon

# A second of work: nobody who writes a product waits longer for its row.
CHUNK = 10_000
WITHIN = "category = %(path)s OR starts_with(category, %(path)s || ' > ')"


class UnknownCategory(DomainError):
    code = "unknown_category"


@transaction.atomic
def decide(path: str, *, sensitive: bool, by: User, at: datetime) -> SensitiveDecision:
    """Say of a category and all below it whether it is sensitive, whatever the lexicon finds.

    A decision about a narrower category stands. Raises UnknownCategory.
    """
    if not Product.objects.filter(_within(path)).exists():
        raise UnknownCategory(_("No product is in this category."), field="path")
    decision, _is_new = SensitiveDecision.objects.update_or_create(
        path=path, defaults={"is_sensitive": sensitive, "decided_by": by, "decided_at": at}
    )
    _mark(WITHIN, {"path": path})
    audit("customers.sensitive_decided", decision, at=at, by=by, fields=["is_sensitive"])
    return decision


@transaction.atomic
def leave_to_lexicon(decision: SensitiveDecision, *, by: User, at: datetime) -> None:
    """Take a decision back."""
    # Before, while it still has a number.
    audit("customers.sensitive_left", decision, at=at, by=by)
    path = decision.path
    decision.delete()
    _mark(WITHIN, {"path": path})


@transaction.atomic
def change_topic(
    topic: SensitiveTopic,
    *,
    words_pt_br: Collection[str],
    words_en: Collection[str],
    is_active: bool,
    by: User,
    at: datetime,
) -> None:
    """Change the words of a topic, or put it in or out of use.

    New goods are compared with the new words at once, known ones by ``mark_goods``.
    """
    told = {
        "words_pt_br": normal_lexicon(words_pt_br),
        "words_en": normal_lexicon(words_en),
        "is_active": is_active,
    }
    changed = [name for name, value in told.items() if getattr(topic, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(topic, name, told[name])
    topic.changed_at = at
    topic.save(update_fields=[*changed, "changed_at"])
    audit("changed", topic, at=at, by=by, fields=changed)


def waiting_topics() -> Q:
    return Q(marked_at=None) | Q(marked_at__lt=F("changed_at"))


def mark_goods(*, at: datetime, chunk: int = CHUNK) -> int:
    """Compare all goods with a lexicon that changed; return how many are marked otherwise now.

    A transaction for each chunk. What is changed meanwhile waits for the next call.
    """
    waiting = SensitiveTopic.objects.filter(waiting_topics(), changed_at__lte=at)
    if not waiting.exists():
        return 0
    last = Product.objects.aggregate(last=Max("pk"))["last"] or 0
    marked = 0
    for first in range(0, last + 1, chunk):
        span = {"first": first, "last": first + chunk - 1}
        marked += _mark("id BETWEEN %(first)s AND %(last)s", span)
    waiting.update(marked_at=at)
    return marked


def _within(path: str) -> Q:
    return Q(category=path) | Q(category__startswith=f"{path} > ")


def _mark(where: str, values: Mapping[str, str | int]) -> int:
    """Write the mark anew where it differs; the trigger agrees."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE customers_product SET sensitive = NOT sensitive
            WHERE ({where}) AND sensitive <> is_sensitive(category, name)
            """,  # noqa: S608 -- our own words
            values,
        )
        return cursor.rowcount
