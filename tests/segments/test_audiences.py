"""Who leaves for an advertising platform, and who does not."""

from hashlib import sha256

import pytest
from django.urls import reverse

from common.enums import FileFormat, Language, Role
from common.models import AuditEntry, Export
from consent.enums import Act, Channel, SuppressionReason
from consent.operations.suppressions import suppress
from customers.enums import Category
from customers.queries.package import package
from segments.compiler.sharing import SensitiveAudience
from segments.enums import AdPlatform, Identifier
from segments.models import Disclosure
from segments.operations.disclosing import begin_audience, hand_out
from segments.operations.refreshing import refresh
from segments.rules.audiences import hashed_email, hashed_phone
from tests.factories import (
    NOW,
    allow,
    make_choice,
    make_customer,
    make_notice_version,
    make_product,
    make_user,
)
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

PHONE = "+5511987654321"


def digest(text):
    return sha256(text.encode()).hexdigest()


@pytest.fixture(autouse=True)
def _a_notice_names_the_platforms():
    about = ["marketing", "third_party_sharing"]
    make_notice_version(purposes=about, body="Google and Meta.")


def shares(customer, *channels, using=tuple(Category), **choice):
    """Let the shop pass on the addresses of these channels (e-mail, if none is named)."""
    make_choice(
        customer,
        purpose="third_party_sharing",
        channels=channels or [Channel.EMAIL],
        categories=using,
        **choice,
    )
    return customer


def someone(**facts):
    return allow(make_customer(city="Porto", **facts))


def handed_out(segment, *identifiers, platform=AdPlatform.GOOGLE, at=NOW):
    asked = {"platform": platform, "identifiers": identifiers or list(Identifier)}
    export = begin_audience(segment, **asked, reason="look-alikes", by=make_user(), at=at)
    return list(hand_out(segment, export, **asked, clock=lambda: at))


def filled(**facts):
    segment = make_segment(**facts)
    refresh(segment, at=NOW)
    return segment


@pytest.mark.parametrize("email", ["ana@mail.example", " Ana@Mail.Example "])
def test_an_address_is_hashed_as_both_platforms_do(email):
    assert hashed_email(email) == digest("ana@mail.example")


@pytest.mark.parametrize(
    ("platform", "hashed"), [(AdPlatform.GOOGLE, PHONE), (AdPlatform.META, "5511987654321")]
)
def test_a_number_is_hashed_as_the_platform_does(platform, hashed):
    assert hashed_phone(PHONE, platform=platform) == digest(hashed)


def test_only_whoever_allows_sharing_leaves_and_is_written_down():
    ana = shares(someone(email="ana@mail.example"))
    someone()
    shares(someone(), act=Act.REFUSED)
    segment = filled()

    assert handed_out(segment) == [[digest("ana@mail.example"), ""]]

    told = Disclosure.objects.get()
    assert (told.customer, told.platform) == (ana, AdPlatform.GOOGLE)
    assert (told.with_email, told.with_phone) == (True, False)


def test_each_address_leaves_by_its_own_channel():
    both = {"email": "ana@mail.example", "phone": PHONE}
    shares(someone(**both), Channel.EMAIL, Channel.SMS)
    shares(someone(email="bia@mail.example", phone="+5511987650000"), Channel.SMS)
    segment = filled()

    assert handed_out(segment) == [
        [digest("ana@mail.example"), digest(PHONE)],
        ["", digest("+5511987650000")],
    ]
    assert handed_out(segment, Identifier.EMAIL) == [[digest("ana@mail.example")]]


def test_what_the_segment_asks_must_be_allowed_for_sharing_as_well():
    shares(someone(), using=[Category.CONTACT])
    segment = filled()

    assert handed_out(segment) == []

    shares(someone(email="bia@mail.example"), using=[Category.CONTACT, Category.DEMOGRAPHIC])
    refresh(segment, at=NOW)
    assert handed_out(segment) == [[digest("bia@mail.example"), ""]]


def test_whoever_withdrew_or_is_blocked_since_the_refresh_stays():
    withdrawn, blocked, moved = (shares(someone()) for _person in range(3))
    shares(someone(email="ana@mail.example"))
    segment = filled()
    shares(withdrawn, act=Act.WITHDRAWN)
    suppress(blocked.email, channel=Channel.EMAIL, reason=SuppressionReason.STOP, at=NOW)
    moved.city = "Braga"
    moved.save()

    assert handed_out(segment) == [[digest("ana@mail.example"), ""]]
    assert Disclosure.objects.count() == 1


def test_many_leave_in_several_pieces(monkeypatch):
    monkeypatch.setattr("segments.operations.disclosing.CHUNK", 2)
    people = [shares(someone()) for _person in range(5)]
    segment = filled()

    assert handed_out(segment) == [[digest(person.email), ""] for person in people]


def test_a_segment_that_asks_something_sensitive_is_told_to_nobody():
    make_product(category="Pharmacy > Pregnancy tests")
    asked = {"operator": "any_of", "value": ["Pharmacy > Pregnancy tests"]}
    shares(someone())
    segment = filled(rule={"all": [{"trait": "customers.bought", **asked}]})

    with pytest.raises(SensitiveAudience):
        handed_out(segment)
    assert not Export.objects.exists()


def test_a_person_is_told_to_whom_their_address_went():
    ana = shares(someone())
    handed_out(filled())

    files, _rows = package([ana.pk], language=Language.ENGLISH, file_format=FileFormat.CSV, at=NOW)

    assert "Google Ads" in files["compartilhamentos.csv"].decode()


def test_the_page_says_who_stays_and_why_and_the_file_is_written_down(client):
    marina = make_user(role=Role.MARKETING)
    client.force_login(marina)
    shares(someone(email="ana@mail.example"))
    someone()
    segment = filled()
    address = reverse("admin:segments_segment_audience", args=[segment.pk])

    by_email, _by_phone = client.get(address).context["counted"]
    told = {"platform": "meta", "identifiers": ["email"], "reason": "look-alikes"}
    answer = client.post(address, told)

    assert [line.label for line in by_email[1]] == [
        "Members now",
        "Never gave permission",
        "Leave in the file",
    ]
    assert b"".join(answer.streaming_content).decode() == (
        f'"email"\r\n"{digest("ana@mail.example")}"\r\n'
    )
    assert "meta-segment" in answer.headers["Content-Disposition"]
    export = Export.objects.get()
    assert (export.row_count, export.reason) == (1, "look-alikes")
    assert AuditEntry.objects.filter(action="exported", actor=marina).exists()


def test_the_privacy_officer_finds_what_went_to_whom_in_the_list_of_exports(
    client, django_assert_max_num_queries
):
    shares(someone())
    for name in ("Regulars", "Sleeping"):
        handed_out(filled(name=name), Identifier.EMAIL)
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    with django_assert_max_num_queries(25):
        page = client.get(reverse("admin:common_export_changelist")).content.decode()

    assert "Segments: Regulars" in page
    assert "Segments: Sleeping" in page
    assert "Google Ads: Email (SHA-256)" in page


def test_without_anybody_who_allows_it_the_page_says_how_to_begin(client):
    client.force_login(make_user(role=Role.MARKETING))
    someone()
    address = reverse("admin:segments_segment_audience", args=[filled().pk])

    page = client.get(address).content.decode()

    assert "once a notice that names the platform covers it" in page
