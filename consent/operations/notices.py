"""The words people are shown: drafted, published once, shown at collection points."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from common.operations import audit
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    Notice,
    NoticeText,
    NoticeVersion,
    Purpose,
    Suspension,
)
from consent.queries.notices import people_resting_on_earlier


@dataclass(frozen=True)
class Words:
    """What a notice says in one language."""

    body: str
    recipients: str
    retention: str


class PublishedAlready(DomainError):
    code = "published_already"


class WordsMissing(DomainError):
    code = "words_missing"
    status = 422


class BasisReliedOn(DomainError):
    code = "basis_relied_on"


@transaction.atomic
def draft(notice: Notice, *, by: User | None, at: datetime) -> NoticeVersion:
    """Return the notice's draft; a new one begins with the words of the version before."""
    # The lock makes two who draft at once work on one draft.
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if under_way := notice.versions.filter(published_at=None).first():
        return under_way
    before = notice.versions.order_by("-number").first()
    version = notice.versions.create(number=before.number + 1 if before else 1, created_at=at)
    if before:
        version.purposes.set(before.purposes.all())
        NoticeText.objects.bulk_create(
            NoticeText(
                version=version,
                language=text.language,
                body=text.body,
                recipients=text.recipients,
                retention=text.retention,
            )
            for text in before.texts.all()
        )
    audit("notices.drafted", version, at=at, by=by)
    return version


@transaction.atomic
def write(
    version: NoticeVersion,
    *,
    words: Mapping[str, Words],
    purposes: Collection[Purpose],
    is_material: bool,
    by: User | None,
    at: datetime,
) -> NoticeVersion:
    """Keep what a draft says, by language. Raises PublishedAlready."""
    version = _draft(version)
    version.is_material = is_material
    version.save(update_fields=["is_material"])
    version.purposes.set(purposes)
    for language, said in words.items():
        version.texts.update_or_create(
            language=language,
            defaults={
                "body": said.body,
                "recipients": said.recipients,
                "retention": said.retention,
            },
        )
    audit("notices.changed", version, at=at, by=by)
    return version


@transaction.atomic
def publish(version: NoticeVersion, *, by: User | None, at: datetime) -> NoticeVersion:
    """Show the draft from now on; nothing of it changes any more.

    A material version ends what people gave on earlier words of the notice, for the purposes
    that it is about, in the background. Raises PublishedAlready and WordsMissing.
    """
    version = _draft(version)
    _refuse_gaps(version)
    expected = people_resting_on_earlier(version) if version.is_material else 0
    version.published_at, version.published_by = at, by
    version.save(update_fields=["published_at", "published_by"])
    CollectionPoint.objects.filter(notice=version.notice_id).update(version=F("version") + 1)
    if version.is_material and version.number > 1:
        Suspension.objects.create(version=version, began_at=at, people_expected=expected)
    audit("notices.published", version, at=at, by=by)
    return version


def _draft(version: NoticeVersion) -> NoticeVersion:
    version = NoticeVersion.objects.select_for_update().get(pk=version.pk)
    if version.published_at:
        raise PublishedAlready(
            _("This version was published and cannot change. Draft the next one.")
        )
    return version


def _refuse_gaps(version: NoticeVersion) -> None:
    texts = {text.language: text for text in version.texts.all()}
    for language, name in settings.LANGUAGES:
        text = texts.get(language)
        if text is None or not (text.body.strip() and text.recipients.strip()):
            raise WordsMissing(
                _("Write the text, and who receives the data, in %(language)s too.")
                % {"language": name},
                field=f"body_{language}",
            )
    if not version.purposes.exists():
        raise WordsMissing(_("Choose what the notice is about."), field="purposes")


# What people see of a point, and how they answer there.
SHOWN = frozenset({"notice", "double_opt_in", "kind"})


@transaction.atomic
def save_point(
    point: CollectionPoint, *, changed: Iterable[str], by: User | None, at: datetime
) -> CollectionPoint:
    """Keep a collection point; a change of what is shown there makes a new version of it."""
    known = CollectionPoint.objects.select_for_update().filter(pk=point.pk).first()
    if known:
        point.version = known.version + bool(SHOWN.intersection(changed))
    point.save()
    audit("collection_points.changed", CollectionPoint, at=at, by=by, fields=_of(point, changed))
    return point


@transaction.atomic
def save_purpose(
    purpose: Purpose, *, changed: Iterable[str], by: User | None, at: datetime
) -> Purpose:
    """Keep a purpose. Raises BasisReliedOn when choices rest on what would change."""
    fixed = {"basis", "needs_opt_in"}.intersection(changed)
    if fixed and ConsentEvent.objects.filter(purpose=purpose.pk).exists():
        raise BasisReliedOn(
            _("People chose on this basis. Declare another purpose for another basis."),
            field=min(fixed),
        )
    purpose.save()
    audit("purposes.changed", Purpose, at=at, by=by, fields=_of(purpose, changed))
    return purpose


def _of(record: CollectionPoint | Purpose, changed: Iterable[str]) -> list[str]:
    """Name what changed, with whose it is: the audit numbers its records, these have names."""
    return [f"{record.pk}.{field}" for field in changed]
