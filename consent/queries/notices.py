"""Which words people were shown, where and when."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, Exists, F, OrderBy, OuterRef, QuerySet, Subquery, Value, When

from consent.models import CollectionPoint, ConsentEvent, NoticeText, NoticeVersion, Purpose
from consent.rules import DENIALS, ENDS, GRANTS
from customers.models import Customer


def texts_in_force(point: CollectionPoint, *, at: datetime) -> QuerySet[NoticeText]:
    """Return the texts that the point showed at that moment, in every language."""
    versions = NoticeVersion.objects.filter(notice=point.notice_id).published(at=at)
    return NoticeText.objects.filter(version=versions.order_by("-number").values("pk")[:1])


def versions_in_force(*, at: datetime) -> QuerySet[NoticeVersion]:
    """Return of each notice the version that is in force, with its words and where it is shown."""
    latest = NoticeVersion.objects.filter(notice=OuterRef("notice")).published(at=at)
    newest = latest.order_by("-number").values("pk")[:1]
    return (
        NoticeVersion.objects.filter(pk=Subquery(newest))
        .select_related("notice")
        .prefetch_related("purposes", "texts", "notice__collectionpoint_set")
        .order_by("notice")
    )


def text_shown(
    point: CollectionPoint, *, purpose: Purpose, language: str, at: datetime
) -> NoticeText | None:
    """Return the text that the point showed about the purpose, in the person's language.

    Whose language nobody knows was shown Portuguese: this is a shop in Brazil.
    """
    about = texts_in_force(point, at=at).filter(version__purposes=purpose)
    return about.select_related("version").order_by(*_best_first(language)).first()


def _best_first(language: str) -> tuple[Case, OrderBy]:
    return Case(When(language=language, then=Value(0)), default=Value(1)), F("language").desc()


def read_out(
    customer: Customer, *, points: Iterable[CollectionPoint], at: datetime
) -> list[NoticeText]:
    """Return what staff at these points read out to the person, in their language, once each."""
    found: dict[int, NoticeText] = {}
    for notice in dict.fromkeys(point.notice_id for point in points if point.notice_id):
        point = CollectionPoint(notice_id=notice)
        in_order = texts_in_force(point, at=at).order_by(*_best_first(customer.language))
        text = in_order.select_related("version").prefetch_related("version__purposes").first()
        if text:
            found[text.pk] = text
    return list(found.values())


def is_replaced(text: NoticeText, *, at: datetime) -> bool:
    """Say whether a version since changed what people agreed to."""
    later = NoticeVersion.objects.filter(
        notice=text.version.notice_id, number__gt=text.version.number, is_material=True
    )
    return later.published(at=at).exists()


def given_on_earlier(version: NoticeVersion) -> QuerySet[ConsentEvent]:
    """Return the permissions for the version's purposes given on earlier words of its notice."""
    return ConsentEvent.objects.filter(
        act__in=GRANTS,
        purpose__in=version.purposes.values("pk"),
        notice_text__version__notice=version.notice_id,
        notice_text__version__number__lt=version.number,
    )


def people_resting_on_earlier(version: NoticeVersion) -> int:
    """Count the people of whom such a permission stands, before it is suspended."""
    since = ConsentEvent.objects.filter(
        act__in=DENIALS | ENDS,
        customer=OuterRef("customer"),
        purpose=OuterRef("purpose"),
        channel=OuterRef("channel"),
        category=OuterRef("category"),
        pk__gt=OuterRef("pk"),
    )
    standing = given_on_earlier(version).filter(~Exists(since))
    return standing.values("customer").distinct().count()
