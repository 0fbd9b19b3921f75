"""Whoever opens the link to a package proves with a code that an address of ours is theirs."""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.operations import audit
from consent.enums import PackageState
from consent.models import Package
from consent.operations.codes import code_hash, is_the_code, new_code
from consent.operations.limits import Limit, count_once
from consent.queries.packages import ways_to
from consent.rules.opt_in import CODE_TRIES, CODE_VALID
from customers.operations.profile import hold
from customers.operations.sealing import seal_for, unseal_bytes_for

USE = "package code"
PER_PERSON = Limit("package code", times=3, within=timedelta(days=1))


class PackageTaken(DomainError):
    code = "package_taken"
    status = 410


class PackageOver(DomainError):
    code = "package_over"
    status = 410


class WayClosed(DomainError):
    """The code cannot be sent by this channel."""

    code = "way_closed"
    status = 422


class WrongCode(DomainError):
    code = "wrong_code"
    status = 422


class CodeOver(DomainError):
    code = "code_over"


@transaction.atomic
def ask_code(package: Package, *, channel: str, at: datetime) -> Package:
    """Leave a code to be sent to an address that we hold; the one before opens nothing any more.

    Raises PackageTaken, PackageOver, WayClosed and TooOften.
    """
    customer = hold(package.customer)
    package = _held(package, at=at)
    if channel not in [way.channel for way in ways_to(customer)]:
        raise WayClosed(_("We cannot send a code there. Choose another way."))
    count_once(PER_PERSON, who=str(customer.pk), at=at)
    code = new_code()
    package.code_channel, package.code_tries = channel, 0
    package.code_hash = code_hash(code, of=package.pk, use=USE)
    package.code_sealed = seal_for(customer, code, at=at)
    package.code_until = at + CODE_VALID
    package.save()
    audit("packages.code_asked", customer, at=at)
    return package


def take(package: Package, *, code: str, at: datetime) -> bytes:
    """Return the ZIP, to whoever has the code, once.

    Raises PackageTaken, PackageOver, CodeOver and WrongCode.
    """
    if not _code_fits(package, code, at=at):
        raise WrongCode(_("This is not the code. Look again, or ask for a new one."), field="code")
    content = _handed_over(package, at=at)
    _remove_file(package)
    return content


def is_ready(package: Package, *, at: datetime) -> bool:
    is_over = package.valid_until is None or package.valid_until <= at
    return package.state == PackageState.READY and not is_over


def is_open(package: Package, *, at: datetime) -> bool:
    """Say whether a code that was asked for can still be typed."""
    is_over = package.code_until is None or package.code_until <= at
    return package.code_hash is not None and package.code_tries < CODE_TRIES and not is_over


@transaction.atomic
def _code_fits(package: Package, code: str, *, at: datetime) -> bool:
    """Count the try, which stays counted when it is refused, and compare."""
    held = _held(package, at=at)
    if not is_open(held, at=at):
        raise CodeOver(_("This code is over. Ask for a new one."))
    if is_the_code(code, kept=bytes(held.code_hash or b""), of=held.pk, use=USE):
        return True
    held.code_tries += 1
    held.save(update_fields=["code_tries"])
    return False


@transaction.atomic
def _handed_over(package: Package, *, at: datetime) -> bytes:
    # Another may have been faster: it is held and looked at once more.
    held = _held(package, at=at)
    content = _content(held)
    if content is None:
        raise _over()
    held.state, held.taken_at = PackageState.TAKEN, at
    held.code_hash = held.code_sealed = None
    held.save()
    audit("packages.taken", held.customer, at=at)
    return content


def _held(package: Package, *, at: datetime) -> Package:
    held = Package.objects.select_for_update(of=["self"]).select_related("customer")
    found = held.filter(pk=package.pk).first()
    if found and found.state == PackageState.TAKEN:
        raise PackageTaken(_("This link was used already: it gives the file once."))
    if not found or not is_ready(found, at=at):
        raise _over()
    return found


def _over() -> PackageOver:
    return PackageOver(_("This link is too old: the file behind it is gone."))


def _content(package: Package) -> bytes | None:
    try:
        with default_storage.open(package.file) as file:
            return unseal_bytes_for(package.customer, file.read())
    except FileNotFoundError:
        return None


def _remove_file(package: Package) -> None:
    """Remove it at once; the task that removes old ones does it if we die before."""
    taken = Package.objects.filter(pk=package.pk).exclude(file="")
    for name in taken.values_list("file", flat=True):
        default_storage.delete(name)
    taken.update(file="")
