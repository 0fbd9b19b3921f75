"""What somebody is handed who asks for all that is held about them."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest

from common.enums import FileFormat, Language
from consent.enums import Channel
from customers.operations.merges import merge
from customers.queries.package import package
from customers.rules.package import SCHEMA
from segments.operations.handpicking import add_by_hand, remove_by_hand, take_back
from segments.operations.refreshing import refresh
from tests.customers.erasing.canary import make_canary
from tests.factories import (
    NOW,
    make_choice,
    make_customer,
    make_launched,
    make_order,
    make_user,
)
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db


def package_of(*people, language=Language.ENGLISH) -> dict[str, bytes]:
    ids = [person.pk for person in people]
    return package(ids, language=language, file_format=FileFormat.CSV, at=NOW)[0]


def told(files, name):
    return json.loads(files[name])


def test_programs_read_all_of_it_and_people_in_their_language():
    ana = make_customer(external_id="A-1", first_name="Ana", email="ana@mail.example")
    make_order(ana, external_id="O-1")
    make_order(external_id="O-2")

    files = package_of(ana, language=Language.PORTUGUESE)

    data = told(files, "dados.json")
    assert data["schema"] == SCHEMA
    assert data["tables"]["customers.Customer"][0]["email"] == "ana@mail.example"
    assert [row["external_id"] for row in data["tables"]["customers.Order"]] == ["O-1"]
    readme = files["LEIA-ME.html"].decode()
    assert 'lang="pt-br"' in readme
    assert "ana@mail.example" in readme
    assert "O-2" not in readme
    assert "README.html" in package_of(ana)


def test_every_table_is_a_file_for_spreadsheets_that_runs_nothing():
    ana = make_customer(first_name="=HYPERLINK(1)")

    [header, row] = csv.reader(io.StringIO(package_of(ana)["customers.csv"].decode()))

    assert header[:3] == ["Customer number", "First name", "Last name"]
    assert row[1] == "'=HYPERLINK(1)"


def test_choices_stand_as_receipts_of_the_standard():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL])

    [receipt] = told(package_of(ana), "consentimentos.json")

    assert receipt["schema_version"] == "ISO/IEC TS 27560:2023"
    assert receipt["event"]["event_type"] == "consent_given"


def test_decisions_and_whoever_was_told_stand_in_it():
    ana = make_canary()
    campaign = make_launched(ana)
    campaign.messages.update(sent_at=NOW)

    files = package_of(ana)

    decisions = told(files, "decisoes.json")
    assert {it["decision"] for it in decisions} == {"segment", "campaign"}
    assert campaign.name in {it["name"] for it in decisions}
    shared = list(csv.DictReader(io.StringIO(files["compartilhamentos.csv"].decode())))
    assert [(it["recipient"], it["what"]) for it in shared] == [
        ("carrier of messages", campaign.name)
    ]


def test_a_decision_by_hand_stands_in_it_with_its_reason_and_times():
    ana, segment = make_customer(), make_segment(name="Choir")
    refresh(segment, at=NOW)
    added = add_by_hand(segment, ana, reason="Sings with us", by=make_user(), at=NOW)
    take_back(added, by=make_user(), at=NOW + timedelta(days=1))
    remove_by_hand(
        segment, ana, reason="Asked to leave", by=make_user(), at=NOW + timedelta(days=2)
    )

    decisions = told(package_of(ana), "decisoes.json")

    by_hand = [it for it in decisions if it["decision"] == "segment_by_hand"]
    assert [(it["name"], it["what"], it["reason"], it["until"]) for it in by_hand] == [
        ("Choir", "Added by hand", "Sings with us", "2026-03-03T12:00:00Z"),
        ("Choir", "Removed by hand", "Asked to leave", None),
    ]
    assert [it["from"] for it in by_hand] == ["2026-03-02T12:00:00Z", "2026-03-04T12:00:00Z"]


def test_a_changed_file_is_found_out_by_the_manifest():
    files = package_of(make_customer())

    manifest = files["manifest.sha256"].decode().splitlines()

    assert dict(line.split("  ")[::-1] for line in manifest) == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "manifest.sha256"
    }


def test_the_person_is_all_their_records():
    ana, twin = make_customer(external_id="A-1"), make_customer(external_id="A-2")
    merge(ana, twin, by=None, at=NOW)

    people = told(package_of(ana, twin), "dados.json")["tables"]["customers.Customer"]

    assert [it["external_id"] for it in people] == ["A-1", "A-2"]


def test_nothing_sealed_and_no_name_of_staff_leaves():
    files = package_of(make_canary())

    everything = b"".join(files.values()).decode()
    for word in ("email_hash", "code_sealed", "words_sealed", "merged_by", "requested_by"):
        assert word not in everything


def test_the_page_says_that_rows_are_left_out_only_where_they_are():
    ana = make_customer()
    make_order(ana)
    make_order(ana)

    page = package_of(ana)["README.html"].decode()

    assert "2 rows; <code>orders.csv</code>" in page
    assert "first fifty" not in page
