"""Which words people were shown, where and when."""

from datetime import datetime

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When

from consent.models import CollectionPoint, ConsentEvent, NoticeText, NoticeVersion, Purpose
from consent.rules import DENIALS, ENDS, GRANTS


def texts_in_force(point: CollectionPoint, *, at: datetime) -> QuerySet[NoticeText]:
    """Return the texts that the point showed at that moment, in every language."""
    versions = NoticeVersion.objects.filter(notice=point.notice_id).published(at=at)
    return NoticeText.objects.filter(version=versions.order_by("-number").values("pk")[:1])


def text_shown(
    point: CollectionPoint, *, purpose: Purpose, language: str, at: datetime
) -> NoticeText | None:
    """Return the text that the point showed about the purpose, in the person's language.

    Whose language nobody knows was shown Portuguese: this is a shop in Brazil.
    """
    theirs = Case(When(language=language, then=Value(0)), default=Value(1))
    about = texts_in_force(point, at=at).filter(version__purposes=purpose)
    return about.order_by(theirs, F("language").desc()).first()


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
