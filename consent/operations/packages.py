"""All that is held about somebody, put together for them alone.

Asked for by a row; put together by a worker, sealed with the person's own key; given once.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.enums import FileFormat, Language
from common.errors import DomainError
from common.exports.bundle import bundle
from common.models import User
from common.operations import audit
from consent.enums import PackageState, RequestDoor, RequestKind, RequestStage
from consent.models import Package, PackageQuerySet, SubjectRequest
from consent.operations.limits import Limit, count_once
from consent.operations.subject_requests import ask, known_and_held
from consent.rules.packages import ANSWERED, KEPT_FOR, REMEMBERED_FOR, TRIES
from customers.models import Customer
from customers.operations.erasing import Leaving, records_of
from customers.operations.profile import hold
from customers.operations.sealing import KeyDestroyed, seal_bytes_for
from customers.queries.languages import language_of
from customers.queries.package import package as files_about

log = logging.getLogger(__name__)

PER_PERSON = Limit("package", times=3, within=timedelta(days=1))
# Longer than the largest takes to be put together; also the pause before the next try.
LEASE = timedelta(minutes=10)
# What spreadsheets open in each country.
TABLES = {
    Language.PORTUGUESE: FileFormat.EXCEL_CSV,
    Language.ENGLISH: FileFormat.CSV,
}


class NoMailAddress(DomainError):
    code = "no_mail_address"


class NotAnsweredByAPackage(DomainError):
    code = "not_answered_by_a_package"


@transaction.atomic
def ask_by_link(
    customer: Customer,
    kind: RequestKind,
    *,
    language: Language,
    identity_is_known: bool,
    at: datetime,
    words: str = "",
    proposed: Mapping[str, str] | None = None,
) -> SubjectRequest:
    """Take down what somebody asks on their own page; a package that answers it is begun at once.

    Without an e-mail address of theirs staff answer. Raises as ``ask``, and TooOften.
    """
    by_package = kind in ANSWERED and bool(customer.email)
    request = ask(
        customer,
        kind,
        door=RequestDoor.PREFERENCE_CENTRE,
        words=words,
        proposed=proposed,
        # Whoever opened the page: link and code go to the person's own addresses.
        identity_is_known=identity_is_known or by_package,
        at=at,
    )
    if by_package and not request.stopped_at:
        _prepare(request.customer, language=language, by=None, at=at)
    return request


@transaction.atomic
def answer_by_package(request: SubjectRequest, *, by: User, at: datetime) -> Package:
    """Have a package made and its link sent; that it was sent answers the request.

    Raises AnsweredAlready, IdentityNotKnown, NotAnsweredByAPackage, NoMailAddress and TooOften.
    """
    request = known_and_held(request)
    if request.kind not in ANSWERED:
        raise NotAnsweredByAPackage(_("A package of data does not answer this request."))
    if not request.customer.email:
        raise NoMailAddress(_("We hold no e-mail address of this person to send a link to."))
    request.stage, request.handled_by = RequestStage.IN_WORK, by
    request.save(update_fields=["stage", "handled_by"])
    language = language_of(request.customer)
    return _prepare(request.customer, language=language, by=by, at=at)


def _prepare(customer: Customer, *, language: Language, by: User | None, at: datetime) -> Package:
    """Leave a row for the workers; while one stands, its link is sent again instead."""
    customer = hold(customer)
    count_once(PER_PERSON, who=str(customer.pk), at=at)
    audit("packages.asked", customer, at=at, by=by)
    standing = Package.objects.standing().exclude(valid_until__lte=at)
    if package := standing.filter(customer__in=records_of(customer)).first():
        Package.objects.filter(pk=package.pk).update(told_at=None)
        return package
    return Package.objects.create(customer=customer, language=language, asked_at=at)


def build_next(*, at: datetime) -> Package | None:
    """Put together the package that waits longest, if there is one.

    No transaction is open meanwhile. What a worker held that died is begun anew after the lease.
    """
    package = claim(Package.objects.to_build(at=at), lease=LEASE, at=at)
    if package:
        _build(package, at=at)
    return package


@transaction.atomic
def claim(among: PackageQuerySet, *, lease: timedelta, at: datetime) -> Package | None:
    """Take the first, so that no other worker has it in hand meanwhile."""
    package = among.select_for_update(skip_locked=True).order_by("pk").first()
    if package:
        package.lease_until = at + lease
        package.save(update_fields=["lease_until"])
    return package


def _build(package: Package, *, at: datetime) -> None:
    if not _begin(package):
        return
    try:
        sealed = seal_bytes_for(package.customer, _zip(package, at=at), at=at)
    except KeyDestroyed:
        # They were erased meanwhile, and the row went with them.
        return
    default_storage.save(package.file, ContentFile(sealed))
    ready = Package.objects.filter(pk=package.pk, tries=package.tries, state=PackageState.WAITING)
    facts = {"ready_at": at, "valid_until": at + KEPT_FOR, "lease_until": None}
    if not ready.update(state=PackageState.READY, **facts):
        # Erased, or taken over by another worker, who thought us dead.
        default_storage.delete(package.file)


def _begin(package: Package) -> bool:
    """Name the file before it is written, and remove what an earlier try left of it."""
    if package.file:
        default_storage.delete(package.file)
    tried, name = package.tries, f"packages/{uuid4().hex}.sealed"
    package.tries, package.file = tried + 1, name
    mine = Package.objects.filter(pk=package.pk, tries=tried, state=PackageState.WAITING)
    return bool(mine.update(tries=F("tries") + 1, file=name))


def _zip(package: Package, *, at: datetime) -> bytes:
    language = Language(package.language)
    people = list(records_of(package.customer).values_list("pk", flat=True))
    files, _rows = files_about(people, language=language, file_format=TABLES[language], at=at)
    with bundle(files) as archive:
        return archive.read()


def give_up(*, at: datetime) -> int:
    """Leave to people what no worker could put together; the request stays open."""
    waiting = Package.objects.free(at=at).filter(state=PackageState.WAITING, tries__gte=TRIES)
    given_up = waiting.update(state=PackageState.FAILED, lease_until=None)
    if given_up:
        log.error("packages could not be put together: %s", given_up)
    return given_up


def remove_old(*, at: datetime) -> int:
    """Remove files that were taken or wait for too long, and forget old rows; count the files."""
    removed = 0
    while _remove_next(at=at):
        removed += 1
    ended = Package.objects.exclude(state__in=PackageState.standing())
    ended.filter(asked_at__lte=at - REMEMBERED_FOR, file="").delete()
    return removed


@transaction.atomic
def _remove_next(*, at: datetime) -> bool:
    due = Package.objects.with_file_to_remove(at=at).select_related("customer")
    package = due.select_for_update(skip_locked=True, of=["self"]).order_by("pk").first()
    if package is None:
        return False
    # Before the row: whoever dies in between is followed by somebody who does it again.
    default_storage.delete(package.file)
    if package.state == PackageState.READY:
        package.state = PackageState.OVER
        audit("packages.removed", package.customer, at=at)
    package.file, package.code_hash, package.code_sealed = "", None, None
    package.save()
    return True


def remove_files(leaving: Leaving) -> None:
    """Remove what waits for somebody who is erased; their key goes in the same act."""
    theirs = Package.objects.filter(customer__in=leaving.ids).exclude(file="")
    names = list(theirs.values_list("file", flat=True))

    def remove() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(remove)
