"""Lists and past members, as a marketer sees them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role
from customers.models import ImportJob
from segments.models import Membership, Segment
from segments.operations.refreshing import keep_waiting_fresh, refresh
from segments.queries import members
from tests.factories import NOW, allow, make_customer, make_user
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


def page(name, *args):
    return reverse(f"admin:segments_segment_{name}", args=args)


def test_a_list_is_made_and_leads_to_filling_it(client):
    told = {"name": "Choir & friends", "description": "", "purpose": "marketing"}
    answer = client.post(page("add_list"), told, follow=True)

    kept = Segment.objects.get()
    assert (kept.is_list, answer.context["segment"]) == (True, kept)
    shown = answer.content.decode()
    assert "A list kept by hand." in shown
    assert "kind=list_members&amp;into=Choir%20%26%20friends" in shown
    assert page("by_hand", kept.pk) in shown


def test_a_list_is_edited_by_its_own_form(client):
    kept = make_segment(name="Choir", rule=None)

    assert client.get(page("change", kept.pk)).headers["Location"] == page("edit_list", kept.pk)
    told = {"name": "Band", "description": "Plays.", "purpose": "marketing"}
    client.post(page("edit_list", kept.pk), told)

    kept.refresh_from_db()
    assert (kept.name, kept.description, kept.rule) == ("Band", "Plays.", None)


def test_a_taken_name_is_said_beside_the_name(client):
    make_segment(name="Choir")

    told = {"name": "Choir", "description": "", "purpose": "marketing"}
    answer = client.post(page("add_list"), told)

    assert "name" in answer.context["form"].errors


def test_the_members_are_kept_as_a_list(client):
    ana, segment = allow(make_customer(city="Porto")), make_segment(name="Porto")
    refresh(segment, at=NOW)

    proposed = client.get(page("keep", segment.pk)).context["form"]["name"].value()
    client.post(page("keep", segment.pk), {"name": proposed, "description": "", "as_of": ""})

    kept = Segment.objects.get(origin=segment)
    keep_waiting_fresh(clock=now)
    assert proposed.startswith("Porto, ")
    assert list(members(kept)) == [ana]


def test_a_day_to_come_is_refused(client):
    segment = make_segment()
    refresh(segment, at=NOW)

    answer = client.post(page("keep", segment.pk), {"name": "Kept", "as_of": "12/31/2099"})

    assert answer.context["form"].errors["as_of"] == ["Choose a day that has begun."]


def test_a_file_is_brought_from_the_page_of_the_list(client):
    make_segment(name="Choir", rule=None)
    address = reverse("admin:customers_importjob_add")

    asked = client.get(address, {"kind": "list_members", "into": "Choir"})
    assert "The rows go into “Choir”." in asked.content.decode()

    file = SimpleUploadedFile("a.csv", b"Customer number\nC1\n")
    client.post(address, {"kind": "list_members", "into": "Choir", "file": file})

    job = ImportJob.objects.get()
    assert (job.kind, job.into) == ("list_members", "Choir")


def test_who_was_in_a_segment_at_the_end_of_a_day(client):
    segment, then, since = make_segment(), allow(make_customer()), allow(make_customer())
    withdrew = make_customer()
    refresh(segment, at=NOW - 9 * A_DAY)
    for customer, came, left in [
        (then, 5, NOW - A_DAY),
        (withdrew, 5, None),
        (since, 1, None),
    ]:
        Membership.objects.create(
            segment=segment,
            customer=customer,
            entered_at=NOW - came * A_DAY,
            left_at=left,
            cause="rule",
        )

    day = (NOW - 3 * A_DAY).date()
    answer = client.get(page("then", segment.pk), {"day": day.isoformat()})

    assert answer.context["count"] == 2
    assert [stay.customer for stay in answer.context["stays"]] == [then]


def test_past_members_leave_as_a_file(client):
    segment, ana = make_segment(), allow(make_customer(external_id="C-77"))
    refresh(segment, at=NOW - 9 * A_DAY)
    Membership.objects.create(
        segment=segment, customer=ana, entered_at=NOW - 5 * A_DAY, left_at=NOW, cause="rule"
    )
    address = page("export_then", segment.pk) + f"?day={(NOW - A_DAY).date()}"

    answer = client.post(
        address, {"reason": "Compare", "format": "csv", "columns": ["Customer number"]}
    )

    told = b"".join(answer.streaming_content).decode()
    assert "C-77" in told
