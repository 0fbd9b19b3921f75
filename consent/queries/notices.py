"""Which words people were shown, where and when."""

from datetime import datetime

from django.db.models import Case, F, QuerySet, Value, When

from consent.models import CollectionPoint, NoticeText, NoticeVersion, Purpose


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
