"""All that is held about somebody reaches them alone: by a link that opens once, with a code."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Language, Role
from common.models import AuditEntry
from consent.enums import PackageState, RequestDoor, RequestKind, RequestStage
from consent.models import Package, SubjectRequest
from consent.operations.limits import TooOften
from consent.operations.package_codes import (
    CodeOver,
    PackageOver,
    PackageTaken,
    WayClosed,
    WrongCode,
    ask_code,
    take,
)
from consent.operations.package_mail import send_codes, send_links
from consent.operations.packages import (
    LEASE,
    NoMailAddress,
    NotAnsweredByAPackage,
    answer_by_package,
    ask_by_link,
    build_next,
    give_up,
    remove_old,
)
from consent.operations.subject_requests import ask
from consent.queries.packages import LINK, package_url
from consent.queries.subject_requests import answer_to
from consent.rules.packages import KEPT_FOR, REMEMBERED_FOR, TRIES
from customers.operations.erasing import erase
from customers.operations.merges import merge
from customers.queries import package as builder
from tests.consent.test_centre import Page
from tests.consent.test_codes import code_sent, gateway
from tests.customers.imports.conftest import private_files
from tests.factories import NOW, make_customer, make_order, make_user
from tests.found import the

__all__ = ["gateway", "private_files"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def make_person(**facts):
    facts = {"first_name": "Ana", "email": "ana@mail.example", "language": "en", **facts}
    return make_customer(**facts)


def asked(customer=None, *, kind=RequestKind.ACCESS, at=NOW) -> Package:
    customer = customer or make_person()
    ask_by_link(customer, kind, language=Language.ENGLISH, identity_is_known=True, at=at)
    return Package.objects.latest("pk")


def ready(customer=None, *, at=NOW) -> Package:
    package = asked(customer, at=at)
    build_next(at=at)
    send_links(at=at)
    return now_of(package)


def now_of(package) -> Package:
    return Package.objects.select_related("customer").get(pk=package.pk)


def code_for(package, *, at=NOW) -> str:
    ask_code(package, channel="email", at=at)
    send_codes(at=at)
    return the(re.search(r"\d{6}", str(mail.outbox[-1].subject)))[0]


def files() -> list[str]:
    return default_storage.listdir("packages")[1] if default_storage.exists("packages") else []


def opened(content) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


# Put together.


def test_somebody_who_asks_is_sent_a_link_and_that_answers_them():
    package = asked()
    assert package.state == PackageState.WAITING

    build_next(at=NOW)
    send_links(at=NOW)

    package = now_of(package)
    assert (package.state, package.valid_until) == (PackageState.READY, NOW + KEPT_FOR)
    [letter] = mail.outbox
    assert letter.to == ["ana@mail.example"]
    assert package_url(package) in letter.body
    request = SubjectRequest.objects.get()
    assert (request.stage, request.told_at) == (RequestStage.DONE, NOW)
    assert "by e-mail" in the(answer_to(request))
    actions = AuditEntry.objects.filter(subject_id=package.customer_id).values_list("action")
    assert {"packages.asked", "packages.sent"} <= {action for (action,) in actions}


def test_what_lies_on_the_disk_says_nothing():
    package = ready(make_person(first_name="Zuleica"))

    with default_storage.open(package.file) as file:
        lying = file.read()

    assert len(files()) == 1
    assert not lying.startswith(b"PK")
    assert b"Zuleica" not in lying
    assert b"README" not in lying


def test_other_requests_begin_no_package():
    ask_by_link(
        make_person(),
        RequestKind.OBJECTION,
        language=Language.ENGLISH,
        identity_is_known=True,
        at=NOW,
    )

    assert not Package.objects.exists()


def test_without_an_address_staff_answer():
    ask_by_link(
        make_person(email=""),
        RequestKind.ACCESS,
        language=Language.ENGLISH,
        identity_is_known=True,
        at=NOW,
    )

    assert not Package.objects.exists()
    assert SubjectRequest.objects.get().is_open


def test_asking_again_sends_the_link_to_the_same_file_again():
    package = ready()

    assert asked(package.customer, at=NOW + MINUTE) == package
    send_links(at=NOW + MINUTE)

    assert len(mail.outbox) == 2
    assert SubjectRequest.objects.open().count() == 0


def test_three_a_day_are_all_there_are():
    ana = make_person()
    for _ in range(3):
        asked(ana)

    with pytest.raises(TooOften):
        asked(ana)

    asked(ana, at=NOW + DAY)


def test_what_a_worker_held_that_died_is_begun_anew_and_leaves_no_file(monkeypatch):
    package = asked()

    def die(*_args, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("consent.operations.packages.files_about", die)
    with pytest.raises(KeyboardInterrupt):
        build_next(at=NOW)
    monkeypatch.undo()
    assert now_of(package).state == PackageState.WAITING

    assert build_next(at=NOW + MINUTE) is None
    assert build_next(at=NOW + LEASE) == package

    assert now_of(package).state == PackageState.READY
    assert len(files()) == 1


def test_a_worker_killed_after_the_file_was_written_leaves_none_behind():
    package = asked()
    build_next(at=NOW)
    # As if the last write had never come.
    Package.objects.update(
        state=PackageState.WAITING, ready_at=None, valid_until=None, lease_until=NOW + LEASE
    )
    [first] = files()

    build_next(at=NOW + LEASE)

    assert files() != [first]
    assert [f"packages/{name}" for name in files()] == [now_of(package).file]


def test_what_kills_every_worker_is_left_to_people():
    package = asked()
    Package.objects.update(tries=TRIES)

    assert build_next(at=NOW) is None
    assert give_up(at=NOW) == 1

    assert now_of(package).state == PackageState.FAILED
    assert SubjectRequest.objects.get().is_open


# Handed over.


def test_the_code_gives_the_file_once():
    ana = make_person()
    make_order(ana, external_id="O-1")
    package = ready(ana)

    content = take(package, code=code_for(package), at=NOW)

    data = json.loads(opened(content).read("dados.json"))
    assert data["tables"]["customers.Order"][0]["external_id"] == "O-1"
    assert (now_of(package).state, now_of(package).taken_at, files()) == ("taken", NOW, [])
    assert AuditEntry.objects.filter(action="packages.taken", subject_id=ana.pk).exists()
    with pytest.raises(PackageTaken):
        take(package, code="000000", at=NOW)
    with pytest.raises(PackageTaken):
        ask_code(package, channel="email", at=NOW)


def test_no_code_was_asked_for_no_file_is_given():
    with pytest.raises(CodeOver):
        take(ready(), code="", at=NOW)


def test_five_wrong_codes_are_all_there_are():
    package = ready()
    right = code_for(package)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"

    for _ in range(5):
        with pytest.raises(WrongCode):
            take(package, code=wrong, at=NOW)

    with pytest.raises(CodeOver):
        take(package, code=right, at=NOW)


def test_a_code_holds_ten_minutes():
    package = ready()
    code = code_for(package)

    with pytest.raises(CodeOver):
        take(package, code=code, at=NOW + 10 * MINUTE)

    assert take(package, code=code, at=NOW + 9 * MINUTE)


def test_a_new_code_ends_the_one_before_and_three_a_day_are_all_there_are():
    package = ready()
    first, _second, third = (code_for(package) for _ in range(3))

    if first != third:
        with pytest.raises(WrongCode):
            take(package, code=first, at=NOW)
    with pytest.raises(TooOften):
        ask_code(package, channel="email", at=NOW)

    assert take(package, code=third, at=NOW)


def test_the_code_of_one_package_opens_no_other():
    package, other = ready(), ready(make_person(email="bia@mail.example"))
    code = code_for(package)
    if code_for(other) != code:
        with pytest.raises(WrongCode):
            take(other, code=code, at=NOW)


def test_a_code_goes_to_the_phone_where_the_shop_has_a_way(gateway):
    package = ready(make_person(phone="+5511987654321"))

    ask_code(package, channel="sms", at=NOW)
    send_codes(at=NOW)

    assert gateway.taken[-1].said["to"] == "+5511987654321"
    assert take(package, code=code_sent(gateway), at=NOW)


def test_a_code_is_sent_once_and_to_no_address_but_ours():
    package = ready(make_person(phone="+5511987654321"))
    with pytest.raises(WayClosed):
        ask_code(package, channel="sms", at=NOW)

    code_for(package)

    assert send_codes(at=NOW) == 0
    assert now_of(package).code_sealed is None


def test_after_72_hours_the_file_goes():
    package = ready()
    code = code_for(package, at=NOW + KEPT_FOR - MINUTE)
    with pytest.raises(PackageOver):
        take(package, code=code, at=NOW + KEPT_FOR)

    assert remove_old(at=NOW + KEPT_FOR) == 1

    assert (now_of(package).state, files()) == (PackageState.OVER, [])
    assert AuditEntry.objects.filter(action="packages.removed").count() == 1
    remove_old(at=NOW + REMEMBERED_FOR)
    assert not Package.objects.exists()


def test_a_file_that_was_given_while_the_worker_died_goes_later():
    package = ready()
    Package.objects.update(state=PackageState.TAKEN, taken_at=NOW)

    assert remove_old(at=NOW) == 1

    assert (now_of(package).state, files()) == (PackageState.TAKEN, [])


# The person changes.


def test_an_erasure_takes_the_file_along(django_capture_on_commit_callbacks):
    package = ready()

    with django_capture_on_commit_callbacks(execute=True):
        erase(package.customer, by=None, reason="Asked for it", at=NOW)

    assert files() == []
    assert not Package.objects.exists()


def test_an_erasure_while_it_is_put_together_leaves_no_file(monkeypatch):
    package = asked()
    told = builder.package

    def told_and_erased(*args, **named):
        files = told(*args, **named)
        erase(package.customer, by=None, reason="Asked for it", at=NOW)
        return files

    monkeypatch.setattr("consent.operations.packages.files_about", told_and_erased)
    build_next(at=NOW)

    assert files() == []
    assert not Package.objects.exists()


def test_who_was_merged_since_gets_it_all_the_same():
    package, bia = ready(), make_customer(email="bia@mail.example", language="en")

    merge(bia, package.customer, by=None, at=NOW)
    package = now_of(package)

    assert package.customer == bia
    assert take(package, code=code_for(package), at=NOW)


# Staff.


def requested(customer, kind=RequestKind.PORTABILITY):
    return ask(customer, kind, door=RequestDoor.PHONE, at=NOW)


def test_staff_have_a_package_sent_and_the_link_answers_the_request(client):
    officer = make_user(role=Role.PRIVACY_OFFICER)
    client.force_login(officer)
    request = requested(make_person())
    page = reverse("admin:consent_subjectrequest_change", args=[request.pk])
    assert "Send them their package" in client.get(page).content.decode()

    client.post(page, {"act": "package", "answer": ""})
    request.refresh_from_db()
    assert (request.stage, request.handled_by) == (RequestStage.IN_WORK, officer)
    build_next(at=NOW)
    send_links(at=NOW)

    request.refresh_from_db()
    assert request.stage == RequestStage.DONE
    assert "Waits to be downloaded" in client.get(page).content.decode()


def test_a_package_answers_who_asks_for_data_and_can_be_written_to():
    officer = make_user()
    with pytest.raises(NotAnsweredByAPackage):
        answer_by_package(requested(make_person(), RequestKind.REVIEW), by=officer, at=NOW)
    with pytest.raises(NoMailAddress):
        answer_by_package(requested(make_person(email="")), by=officer, at=NOW)


# The pages.


class Link:
    """Somebody who opens the link in their mail, in a browser without scripts."""

    def __init__(self, package, lang="en"):
        self.client = Client(enforce_csrf_checks=True)
        self.path = "/" + package_url(package).split("/", 3)[3] + f"?lang={lang}"

    def look(self):
        return self.client.get(self.path).content.decode()

    def send(self, **fields):
        return self.client.post(self.path, fields)


def test_from_ones_own_page_to_the_file():
    ana = make_person(phone="+5511987654321")
    page = Page(ana)
    page.send("copy")
    assert "a link to your file" in page.after()
    assert "Your file is being put together" in page.look().html
    build_next(at=now())
    send_links(at=now())
    link = Link(Package.objects.get())

    assert "a…@mail.example" in link.look()
    assert link.send(act="send", channel="email").status_code == 303
    assert "We send six digits to a…@mail.example" in link.look()
    send_codes(at=now())
    answer = link.send(act="take", code=the(re.search(r"\d{6}", str(mail.outbox[-1].subject)))[0])

    assert answer["Content-Type"] == "application/zip"
    assert "my-data-" in answer["Content-Disposition"]
    assert opened(answer.content).testzip() is None
    assert "it gives the file once" in link.look()


def test_the_page_of_a_link_never_shows_an_address_and_stays_unseen():
    link = Link(ready())

    answer = link.client.get(link.path)

    assert "ana@mail.example" not in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_wrong_code_says_so_and_an_old_link_too():
    package = ready(at=now())
    link = Link(package)
    link.send(act="send", channel="email")

    wrong = link.send(act="take", code="12")
    assert (wrong.status_code, "This is not the code" in wrong.content.decode()) == (422, True)

    Package.objects.update(ready_at=NOW, valid_until=NOW + KEPT_FOR)
    assert "This link is too old" in link.look()
    assert link.send(act="send", channel="email").status_code == 410


def test_a_forged_link_leads_nowhere():
    forged = LINK.sign("1")[:-3] + "abc"

    assert "leads nowhere" in Client().get(f"/d/{forged}").content.decode()
    assert Client().post(f"/d/{forged}", {"act": "send"}).status_code == 404


def test_it_speaks_portuguese():
    link = Link(ready(at=now()), lang="pt-br")

    assert "Enviar um código por E-mail para a…@mail.example" in link.look()
