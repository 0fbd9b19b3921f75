from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from common.models import AuditEntry
from consent.enums import Act, ActorKind, Channel, PointKind
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    Notice,
    NoticeText,
    NoticeVersion,
    Permission,
    Purpose,
    Suspension,
)
from consent.operations.choices import (
    EvidenceMissing,
    NoTextShown,
    PointClosed,
    PurposeRetired,
    TextReplaced,
)
from consent.operations.endings import SETTLED, go_on_suspending
from consent.operations.notices import (
    BasisReliedOn,
    PublishedAlready,
    WordsMissing,
    draft,
    publish,
    save_point,
    save_purpose,
)
from consent.queries.notices import people_resting_on_earlier
from customers.enums import Category
from customers.operations.sealing import unseal_for
from tests.factories import NOW, make_choice, make_customer, make_notice_version, make_user
from tests.found import the

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def test_a_yes_rests_on_the_words_that_the_point_showed_in_the_persons_language():
    ana = make_customer(language="en")
    joao = make_customer(language="")

    (anas,) = make_choice(ana, channels=[Channel.EMAIL])
    (joaos,) = make_choice(joao, channels=[Channel.EMAIL])

    standard = NoticeVersion.objects.get(notice="standard", number=1)
    assert (the(anas.notice_text).version, the(anas.notice_text).language) == (standard, "en")
    assert (the(joaos.notice_text).version, the(joaos.notice_text).language) == (standard, "pt-br")
    anas.refresh_from_db()
    assert (anas.collection_version, anas.actor_kind) == (1, ActorKind.SUBJECT)


def test_a_yes_from_before_rests_on_the_words_of_its_day():
    make_notice_version(published_at=NOW)

    (before,) = make_choice(
        make_customer(), channels=[Channel.EMAIL], occurred_at=NOW - timedelta(days=1)
    )
    (after,) = make_choice(make_customer(), channels=[Channel.EMAIL])

    assert [the(it.notice_text).version.number for it in (before, after)] == [1, 2]


def test_no_yes_without_published_words_about_the_purpose():
    ana = make_customer()

    with pytest.raises(NoTextShown) as refused:
        make_choice(ana, purpose="third_party_sharing", channels=[Channel.EMAIL])

    assert refused.value.field == "collection_point"
    # A no needs no words.
    make_choice(ana, purpose="third_party_sharing", act=Act.REFUSED, channels=[Channel.EMAIL])


def test_a_point_without_notice_takes_refusals_alone():
    ana = make_customer()

    with pytest.raises(NoTextShown):
        make_choice(ana, channels=[Channel.EMAIL], collection_point=PointKind.UNSUBSCRIBE_LINK)
    make_choice(
        ana,
        act=Act.WITHDRAWN,
        channels=[Channel.EMAIL],
        collection_point=PointKind.UNSUBSCRIBE_LINK,
    )


def test_words_named_by_the_caller_must_have_been_published_and_stand():
    ana = make_customer()
    old = NoticeText.objects.get(version__number=1, language="en")
    unpublished = make_notice_version(is_material=True, published_at=None)

    with pytest.raises(NoTextShown):
        make_choice(ana, channels=[Channel.EMAIL], notice_text=unpublished.texts.first())
    make_choice(ana, channels=[Channel.EMAIL], notice_text=old)
    publish(unpublished, by=None, at=NOW)
    with pytest.raises(TextReplaced):
        make_choice(ana, channels=[Channel.EMAIL], notice_text=old)


def test_retired_purposes_and_closed_points_take_refusals_alone():
    ana = make_customer()
    Purpose.objects.filter(pk="research").update(is_active=False)
    CollectionPoint.objects.filter(pk="till").update(is_active=False)

    with pytest.raises(PurposeRetired):
        make_choice(ana, purpose="research", channels=[Channel.EMAIL])
    with pytest.raises(PointClosed):
        make_choice(ana, channels=[Channel.EMAIL], collection_point="till")
    make_choice(ana, purpose="research", act=Act.REFUSED, channels=[Channel.EMAIL])
    make_choice(ana, act=Act.REFUSED, channels=[Channel.EMAIL], collection_point="till")


def test_what_staff_heard_needs_evidence_which_is_sealed():
    ana = make_customer()
    facts: dict[str, Any] = {
        "channels": [Channel.EMAIL],
        "actor_kind": ActorKind.STAFF,
        "by": make_user(),
    }

    with pytest.raises(EvidenceMissing):
        make_choice(ana, **facts)
    (event,) = make_choice(ana, **facts, evidence="Recording 123")

    assert b"Recording" not in bytes(the(event.evidence_sealed))
    assert unseal_for(ana, bytes(the(event.evidence_sealed))) == "Recording 123"


@pytest.mark.parametrize(
    "broken",
    [
        {"notice_text": None},
        {"actor_kind": "staff"},
        {"actor_kind": "program"},
    ],
)
def test_the_database_takes_no_yes_without_words_or_without_its_person(broken):
    (given,) = make_choice(make_customer(), channels=[Channel.EMAIL])
    copied = (
        "customer", "purpose", "channel", "act", "basis", "notice_text", "collection_point",
        "actor_kind", "occurred_at",
    )  # fmt: skip
    facts = {field: getattr(given, field) for field in copied}

    ConsentEvent.objects.create(**facts, reference="whole")
    with pytest.raises(IntegrityError, match="consent_given"), transaction.atomic():
        ConsentEvent.objects.create(**{**facts, **broken}, reference="broken")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_noticeversion SET is_material = true WHERE number = 1",
        "DELETE FROM consent_noticeversion_purposes",
        "UPDATE consent_noticetext SET body = 'other words'",
        "DELETE FROM consent_noticetext",
        "INSERT INTO consent_noticeversion_purposes (noticeversion_id, purpose_id)"
        " SELECT id, 'third_party_sharing' FROM consent_noticeversion",
        "TRUNCATE consent_noticetext CASCADE",
    ],
)
def test_published_words_never_change(statement):
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_words_are_hashed_by_the_database():
    version = make_notice_version(body="Olá", published_at=None)

    text = version.texts.get(language="en")

    assert bytes(text.body_sha256) == sha256("Olá".encode()).digest()


def test_a_draft_begins_with_the_words_before_and_there_is_one_at_a_time():
    standard = Notice.objects.get(pk="standard")

    first = draft(standard, by=None, at=NOW)
    again = draft(standard, by=None, at=NOW)

    assert (again, first.number, first.purposes.count()) == (first, 2, 5)
    assert set(first.texts.values_list("language", "body")) == set(
        NoticeText.objects.filter(version__number=1).values_list("language", "body")
    )


def test_publishing_is_once_whole_and_written_down():
    officer = make_user()
    version = make_notice_version(published_at=None)
    version.texts.filter(language="en").update(body=" ")

    with pytest.raises(WordsMissing) as missing:
        publish(version, by=officer, at=NOW)
    version.texts.filter(language="en").update(body="Words.")
    published = publish(version, by=officer, at=NOW)
    with pytest.raises(PublishedAlready):
        publish(version, by=officer, at=NOW)

    assert missing.value.field == "body_en"
    assert (published.published_at, published.published_by) == (NOW, officer)
    assert AuditEntry.objects.filter(action="notices.published").count() == 1


def test_what_is_shown_at_a_point_makes_its_version():
    till = CollectionPoint.objects.get(pk="till")

    save_point(till, changed=["name_en"], by=None, at=NOW)
    renamed = CollectionPoint.objects.get(pk="till").version
    till.double_opt_in = True
    save_point(till, changed=["double_opt_in"], by=None, at=NOW)
    changed = CollectionPoint.objects.get(pk="till").version
    make_notice_version()
    published = CollectionPoint.objects.get(pk="till").version

    assert (renamed, changed, published) == (1, 2, 3)


def test_the_basis_stays_once_somebody_chose_on_it():
    make_choice(make_customer(), channels=[Channel.EMAIL])
    marketing, research = Purpose.objects.get(pk="marketing"), Purpose.objects.get(pk="research")
    marketing.basis = research.basis = "legitimate_interest"

    with pytest.raises(BasisReliedOn) as refused:
        save_purpose(marketing, changed=["basis"], by=None, at=NOW)
    save_purpose(research, changed=["basis"], by=None, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        marketing.save()

    assert refused.value.field == "basis"
    assert Purpose.objects.get(pk="research").basis == "legitimate_interest"


def test_a_material_change_suspends_what_rested_on_earlier_words():
    ana, bia, caio, dora = (make_customer() for _ in range(4))
    for person in (ana, bia, caio):
        make_choice(person, channels=[Channel.EMAIL], categories=[Category.PURCHASE])
    make_choice(ana, purpose="research", channels=[Channel.EMAIL])
    make_choice(bia, channels=[Channel.EMAIL], act=Act.WITHDRAWN)
    make_choice(caio, channels=[Channel.EMAIL], categories=[Category.PURCHASE], act=Act.OBJECTED)
    version = make_notice_version(is_material=True, published_at=None)
    # Caio's answer is a no; Dora was never asked.
    assert people_resting_on_earlier(version) == 2

    publish(version, by=None, at=NOW)
    assert go_on_suspending(at=NOW) is None
    done = the(go_on_suspending(at=NOW + SETTLED))

    assert (done.people_expected, done.people_suspended) == (2, 2)
    assert (done.finished_at, go_on_suspending(at=LATER)) == (NOW + SETTLED, None)
    marketing = {p.customer: p for p in Permission.objects.filter(purpose="marketing")}
    assert {
        person: (row.channel_email, row.data_purchase) for person, row in marketing.items()
    } == {ana: (None, None), bia: (False, None), caio: (False, False)}
    assert Permission.objects.get(customer=ana, purpose="research").channel_email is True
    assert dora not in marketing


def test_suspended_permissions_come_back_by_a_yes_to_the_new_words():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL])
    make_notice_version(is_material=True)
    go_on_suspending(at=NOW + SETTLED)

    make_choice(ana, channels=[Channel.EMAIL], occurred_at=LATER, at=LATER)
    go_on_suspending(at=LATER)

    assert Permission.objects.get().channel_email is True


def test_a_change_of_words_that_is_not_material_keeps_what_was_given():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL])

    make_notice_version(is_material=False)

    assert go_on_suspending(at=LATER) is None
    assert not Suspension.objects.exists()
    assert Permission.objects.get().channel_email is True


def test_suspending_goes_on_piece_by_piece():
    for _ in range(3):
        make_choice(make_customer(), channels=[Channel.EMAIL])
    make_notice_version(is_material=True)

    first = the(go_on_suspending(at=LATER, people=2))
    second = the(go_on_suspending(at=LATER, people=2))

    assert (first.people_suspended, first.finished_at) == (2, None)
    assert (second.people_suspended, second.finished_at) == (3, LATER)
