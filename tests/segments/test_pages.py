import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from consent.enums import Act, Channel
from consent.queries.reach_in_words import Line
from customers.enums import Category, ProfileTab
from customers.models import Customer
from customers.queries.pages import profile_url
from segments.enums import SweepReason
from segments.models import Segment, Sweep
from segments.operations.failing import note_failure
from segments.operations.profiles import write_all_profiles
from segments.operations.refreshing import refresh
from segments.operations.sweeping import ask_for_sweep
from segments.rules import BadRule
from segments.rules.gallery import EMPTY, GALLERY
from segments.tasks import refresh_waiting_segments
from tests.factories import (
    NOW,
    allow,
    make_choice,
    make_customer,
    make_order,
    make_product,
    make_user,
)
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


def check(client, rule, purpose="marketing", segment=None):
    return ask(client, "check", {"rule": rule, "purpose": purpose, "segment": segment})


def look(client, rule, purpose="marketing", segment=None):
    return ask(client, "look", {"rule": rule, "purpose": purpose, "segment": segment})


def ask(client, question, told):
    address = reverse(f"admin:segments_segment_{question}")
    return client.post(address, json.dumps(told), content_type="application/json")


def person(customer):
    page = reverse("admin:customers_customer_profile", args=[customer.pk])
    return {"name": str(customer), "city": customer.city, "url": page}


def overview(segment):
    return reverse("admin:segments_segment_overview", args=[segment.pk])


def test_the_builder_is_told_counts_a_sentence_and_what_is_odd(client, marketer):
    allow(make_customer(city="Porto"))
    allow(make_customer(city="Braga"))
    make_customer(city="Porto")
    make_segment(name="People of Porto")
    rule = {"all": [*IN_PORTO["all"], {"trait": "customers.orders", "operator": "did_not"}]}

    assert check(client, rule).json() == {
        "total": 1,
        "everybody": 2,
        "held_back": "< 10",
        "counts": {"/all": 1, "/all/0": 1, "/all/1": 2},
        "left": {"/all/1": 1},
        "missing": {"/all/0": 0},
        "sentence": "City is Porto and ordered not once",
        "findings": [],
    }
    assert check(client, IN_PORTO).json()["findings"] == [
        {
            "flaw": "twin",
            "label": "Same as another segment",
            "message": "“People of Porto” has the same rule.",
            "pointer": "",
        }
    ]
    twice = check(client, {"all": IN_PORTO["all"] * 2}).json()["findings"]
    assert [(one["flaw"], one["pointer"]) for one in twice] == [
        ("needless", "/all/1"),
        ("twin", ""),
    ]


def test_a_second_look_shows_people_and_whose_data_may_be_used(client, marketer):
    ana = allow(make_customer(city="Porto", first_name="Ana", last_name="Reis"))
    make_customer(city="Porto")

    assert look(client, IN_PORTO).json() == {
        "sample": [person(ana)],
        "meter": [{"label": "About the person", "allowed": 1, "people": 2}],
        "changes": None,
    }
    assert AuditEntry.objects.get(action="segments.sample_seen").actor == marketer


def test_the_total_and_the_reach_are_told_apart_from_the_rest(client, marketer):
    allow(make_customer(city="Porto"))
    make_customer(city="Porto")
    asked = {"rule": IN_PORTO, "purpose": "marketing"}

    assert ask(client, "total", asked).json() == {"total": 1}
    assert ask(client, "rule_reach", asked).json() == {
        "allowed": 1,
        "losses": [
            {"label": "Meant by the rule", "people": "< 10"},
            {"label": "Never gave permission", "people": "< 10"},
        ],
    }


def test_a_second_look_says_who_would_come_and_go(client, marketer):
    gone = allow(make_customer(city="Porto", first_name="Gil", last_name="Rocha"))
    withdrawn = allow(make_customer(city="Porto"))
    segment = make_segment()
    refresh(segment, at=NOW)
    come = allow(make_customer(city="Braga", first_name="Bia", last_name="Reis"))
    make_choice(withdrawn, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])
    in_braga = {"all": [{"trait": "customers.city", "operator": "is", "value": "Braga"}]}

    told = look(client, in_braga, segment=segment.pk).json()["changes"]

    # Whoever withdrew is counted among those who leave, and not named.
    assert told == {
        "entering": {"count": 1, "some": [person(come)]},
        "leaving": {"count": 2, "some": [person(gone)]},
    }


def test_the_builder_counts_by_flat_profiles_where_they_are_kept(client, marketer):
    ana = allow(make_customer(city="Porto"))
    write_all_profiles(at=NOW)
    Sweep.objects.create(reason=SweepReason.PROOF, finished_at=NOW)
    # Behind the profiles' back, so that what is counted tells which were asked.
    Customer.objects.filter(pk=ana.pk).update(city="Braga")

    assert check(client, IN_PORTO).json()["total"] == 1
    # Nobody is named by an index.
    assert look(client, IN_PORTO).json()["sample"] == []

    ask_for_sweep(SweepReason.MANY, at=NOW)
    assert check(client, IN_PORTO).json()["total"] == 0


def test_a_segment_is_not_offered_to_itself_and_may_not_be_asked_for(client, marketer):
    segment, other = make_segment(name="Porto"), make_segment(name="Braga")
    asks = {"all": [{"trait": "segments.member", "operator": "inside", "value": [segment.pk]}]}

    page = client.get(reverse("admin:segments_segment_change", args=[segment.pk]))
    told = check(client, asks, segment=segment.pk).json()["wrong"]

    (trait,) = [it for it in page.context["builder"]["traits"] if it["type"] == "segment"]
    assert trait["choices"] == [{"value": str(other.pk), "label": "Braga"}]
    assert told == {"message": "“Porto” asks for this segment itself.", "pointer": "/all/0/value"}


def test_the_page_says_who_cannot_be_reached_and_what_helps(client, marketer):
    phone = "+5511987654321"
    allow(make_customer(city="Porto"))
    allow(make_customer(city="Porto", email="", phone=phone), Channel.EMAIL, Channel.WHATSAPP)
    make_customer(city="Porto")
    make_customer(city="Braga")
    address = reverse("admin:segments_segment_reach", args=[make_segment().pk])

    by_email = client.get(address).context["lines"]
    by_whatsapp = client.get(address, {"channel": "whatsapp"}).context["lines"]

    assert by_email == [
        Line("Meant by the rule", "< 10", 100),
        Line(
            "No address for the channel",
            "< 10",
            100,
            [
                "Switch to WhatsApp: < 10 of them allow it.",
                "Ask for the address at the next order.",
            ],
        ),
        Line(
            "Never gave permission", "< 10", 100, ["Ask at the next order: < 10 were never asked."]
        ),
        Line("Reachable by E-mail", "1", 33),
    ]
    assert by_whatsapp[-1] == Line("Reachable by WhatsApp", "1", 33)


def test_the_list_says_how_many_members_can_be_reached(client, marketer):
    segment = make_segment()
    allow(make_customer(city="Porto"))
    allow(make_customer(city="Porto", email=""))

    refresh(segment, at=NOW)

    listed = client.get(reverse("admin:segments_segment_changelist")).content.decode()
    assert "1 (50\u00a0%)" in listed
    assert "Reachable by e-mail" in client.get(overview(segment)).content.decode()


def test_the_builder_is_told_what_is_wrong_and_where(client, marketer):
    rule = {"all": [*IN_PORTO["all"], {"trait": "customers.age", "operator": "is", "value": 3}]}

    told = check(client, rule).json()["wrong"]

    assert told["pointer"] == "/all/1/operator"
    assert told["message"].startswith("Choose how to compare")


@pytest.mark.parametrize("body", ["", "[]", '{"rule": {}}', "[" * 100_000])
def test_what_is_no_question_is_refused(client, marketer, body):
    address = reverse("admin:segments_segment_check")

    assert client.post(address, body, content_type="application/json").status_code == 400


def suggested(client, **query):
    return client.get(reverse("admin:segments_segment_values"), query).json()["values"]


def test_a_country_is_found_by_its_name_and_by_its_code(client, marketer):
    for country in ("IE", "PT"):
        make_customer(country=country)
    ireland = [{"value": "IE", "label": "Ireland (IE)"}]

    assert suggested(client, trait="customers.country", q="irel") == ireland
    assert suggested(client, trait="customers.country", q="ie") == ireland
    assert len(suggested(client, trait="customers.country", q="")) == 2


def test_values_are_found_in_the_data_without_minding_accents(client, marketer):
    make_customer(city="São Paulo")
    make_customer(city="Porto")
    make_product(category="Food > Dairy > Milk")

    def values(**query):
        return [one["value"] for one in suggested(client, **query)]

    assert values(trait="customers.city", q="sao") == ["São Paulo"]
    assert values(trait="customers.bought", q="") == [
        "Food",
        "Food > Dairy",
        "Food > Dairy > Milk",
    ]
    assert values(trait="customers.orders", filter="category", q="milk") == ["Food > Dairy > Milk"]
    assert values(trait="customers.age", q="") == []
    assert values(trait="no.such", q="") == []


def test_a_segment_is_made_from_the_gallery(client, marketer):
    page = client.get(reverse("admin:segments_segment_add"), {"ready": "birthday"})
    assert page.context["adminform"].form["name"].value() == "Birthday this month"

    facts = {
        "name": "Birthdays",
        "description": "",
        "purpose": "marketing",
        "rule": page.context["adminform"].form["rule"].value(),
    }
    answer = client.post(reverse("admin:segments_segment_add"), facts)

    segment = Segment.objects.get()
    assert answer.headers["Location"] == overview(segment)
    assert segment.rule == {"all": [{"trait": "customers.birthday", "operator": "this_month"}]}
    assert segment.created_by == marketer


def test_vips_without_permission_are_found_who_never_answered_and_who_refused(client, marketer):
    silent, refused, allowed = (make_customer() for _one in range(3))
    for customer in (silent, refused, allowed):
        make_order(customer, total="2000.00")
        make_choice(customer, purpose="transactional", categories=[Category.PURCHASE])
    make_choice(refused, act=Act.REFUSED, channels=[Channel.EMAIL])
    make_choice(allowed, channels=[Channel.EMAIL])
    page = client.get(reverse("admin:segments_segment_add"), {"ready": "vip_without_permission"})
    form = page.context["adminform"].form
    facts = {name: form[name].value() for name in ("name", "description", "purpose", "rule")}

    client.post(reverse("admin:segments_segment_add"), facts)

    segment = Segment.objects.get()
    assert segment.purpose_id == "transactional"
    refresh(segment, at=NOW)
    assert set(segment.memberships.values_list("customer", flat=True)) == {silent.pk, refused.pk}
    text = client.get(overview(segment)).content.decode()
    assert "advertising may not be written to these members" in text


def test_every_ready_segment_can_be_counted_once_it_is_filled_in(client, marketer):
    for one in GALLERY:
        rule = json.loads(json.dumps(one.rule).replace('""', '"Food"'))
        assert "total" in check(client, rule).json(), one.code
    assert "total" in check(client, EMPTY).json()


def test_a_bad_rule_is_not_saved_and_comes_back_to_be_mended(client, marketer):
    rule = '{"all": []}'

    page = client.post(
        reverse("admin:segments_segment_add"),
        {"name": "Empty", "purpose": "marketing", "rule": rule},
    )

    assert "Add a condition to this group." in page.content.decode()
    assert page.context["adminform"].form["rule"].value() == rule
    assert not Segment.objects.exists()


def test_a_segments_page_shows_its_rule_and_members(client, marketer):
    allow(make_customer(city="Porto", first_name="Ana", last_name="Reis"))
    segment = make_segment(name="Porto")
    refresh(segment, at=NOW)

    page = client.get(overview(segment)).content.decode()

    assert "City is Porto" in page
    assert "Ana Reis" in page
    assert '{"' not in page.partition("<main")[2]


def test_whoever_has_just_withdrawn_is_not_shown_among_the_members(client, marketer):
    ana = allow(make_customer(city="Porto", first_name="Ana", last_name="Reis"))
    segment = make_segment()
    refresh(segment, at=NOW)

    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])

    assert "Ana Reis" not in client.get(overview(segment)).content.decode()


def test_members_are_shown_a_page_at_a_time_in_as_many_queries(
    client, marketer, django_assert_max_num_queries
):
    people = [allow(make_customer(city="Porto", first_name=f"P{n}")) for n in range(30)]
    segment = make_segment()
    refresh(segment, at=NOW)

    with django_assert_max_num_queries(25):
        first = client.get(overview(segment))
    second = client.get(overview(segment), {"after": first.context["after"]})

    shown = [stay.customer for page in (first, second) for stay in page.context["stays"]]
    assert shown == people
    assert second.context["after"] is None


def test_refresh_now_is_a_post(client, marketer):
    allow(make_customer(city="Porto"))
    segment = make_segment()
    address = reverse("admin:segments_segment_refresh", args=[segment.pk])

    assert client.get(address).status_code == 405
    assert client.post(address).headers["Location"] == overview(segment)


def test_refresh_now_is_left_to_a_task_and_the_page_shows_how_far_it_is(client, marketer):
    allow(make_customer(city="Porto"))
    segment = make_segment()
    refresh(segment, at=NOW)

    client.post(reverse("admin:segments_segment_refresh", args=[segment.pk]))
    waiting = client.get(overview(segment)).content.decode()
    refresh_waiting_segments()
    done = client.get(overview(segment)).content.decode()

    assert "The members are being found" in waiting
    assert "every 2s" in waiting
    assert "every 2s" not in done
    assert AuditEntry.objects.filter(action="segments.refresh_asked").count() == 1
    segment.refresh_from_db()
    assert segment.refreshed_at
    assert segment.refreshed_at > NOW


def test_the_page_shows_how_far_a_first_fill_has_come(client, marketer):
    people = [allow(make_customer(city="Porto")) for _ in range(4)]
    segment = make_segment()
    Segment.objects.update(filled_upto=people[1].pk)

    page = client.get(overview(segment)).content.decode()

    assert f"The members are being found: {100 * people[1].pk // people[-1].pk} %" in page


def test_an_analyst_reads_and_does_not_build(client):
    client.force_login(make_user(role=Role.ANALYST))
    segment = make_segment()

    change = client.get(reverse("admin:segments_segment_change", args=[segment.pk]))

    assert change.headers["Location"] == overview(segment)
    assert check(client, IN_PORTO).status_code == 403
    assert look(client, IN_PORTO).status_code == 403
    refreshing = client.post(reverse("admin:segments_segment_refresh", args=[segment.pk]))
    assert refreshing.status_code == 403


def fail(segment, error, **facts):
    """Let the members be right as of nine o'clock, and fail a minute later."""
    nine = datetime(2026, 2, 3, 12, tzinfo=UTC)
    Segment.objects.filter(pk=segment.pk).update(filled_at=nine, refreshed_at=nine, **facts)
    note_failure(segment.pk, error, at=nine + timedelta(minutes=1))


@pytest.mark.parametrize("page", ["overview", "change"])
def test_a_segment_out_of_date_says_since_when_why_and_when_it_is_tried_again(
    client, marketer, page
):
    segment = make_segment()
    fail(segment, OperationalError())

    shown = client.get(reverse(f"admin:segments_segment_{page}", args=[segment.pk]))

    assert (
        "Its members have not been found anew since 02/03/2026 9 a.m.: The database gave up: "
        "the rule asks for too much at once. At 02/03/2026 9:02 a.m. it is tried again."
    ) in shown.content.decode()


def test_the_list_says_which_segments_are_out_of_date_and_why_in_the_readers_words(
    client, marketer
):
    gone = BadRule("Choose what to ask about.", pointer="/all/0")
    fail(make_segment(), gone, rule={"all": [{"trait": "gone", "operator": "is", "value": 1}]})
    fail(make_segment(), OperationalError())

    address = reverse("admin:segments_segment_changelist")
    page = client.get(address, headers={"Accept-Language": "pt-br"}).content.decode()

    assert page.count("desatualizado desde 03/02/2026 09:00") == 2
    assert "Escolha o que perguntar. Em 03/02/2026 09:02 há uma nova tentativa." in page
    assert "O banco de dados desistiu" in page


def test_the_builder_says_that_the_members_are_still_being_found(client, marketer):
    segment = make_segment(refreshed_at=None, filled_at=None)

    shown = client.get(reverse("admin:segments_segment_change", args=[segment.pk]))

    assert "Its members are not known yet: they are being found." in shown.content.decode()


def test_the_profile_names_the_segments_somebody_is_in(client, marketer):
    ana = allow(make_customer(city="Porto"))
    refresh(make_segment(name="People of Porto"), at=NOW)

    page = client.get(profile_url(ana.pk, ProfileTab.MESSAGES))

    assert "People of Porto" in page.content.decode()


@pytest.mark.parametrize(
    "rule",
    [
        '{"all": [' * 900 + "1" + "]}" * 900,
        "[" * 100_000 + "]" * 100_000,
        '{"all": [%s]}' % ("9" * 5_000),
        '{"all": [{"trait": "customers.city", "operator": "is", "value": "\\ud800"}]}',
        '{"all": [{"trait": "\\ud800"}]}',
    ],
    ids=["deep", "deeper", "long", "half a character", "half a name"],
)
def test_what_is_no_rule_comes_back_as_it_was_sent(rule, client, marketer):
    facts = {"name": "Odd", "description": "", "purpose": "marketing", "rule": rule}

    page = client.post(reverse("admin:segments_segment_add"), facts)

    form = page.context["adminform"].form
    assert page.status_code == 200
    assert list(form.errors) == ["rule"]
    assert form["rule"].value() == rule
    assert not Segment.objects.exists()


def test_a_question_that_makes_no_sense_is_no_error_of_ours(client, marketer):
    rule = json.dumps(EMPTY)
    bodies = (
        f'{{"rule": {rule}, "purpose": "marketing", "segment": 1e400}}',
        f'{{"rule": {rule}, "purpose": "a\\u0000"}}',
    )

    for name in ("total", "check", "look", "rule_reach"):
        address = reverse(f"admin:segments_segment_{name}")
        for body in bodies:
            answer = client.post(address, body, content_type="application/json")
            assert answer.status_code == 400, (name, body)


def test_a_search_for_what_no_text_contains_finds_nothing(client, marketer):
    customer, segment = make_customer(), make_segment(name="Porto")

    for address in (
        reverse("admin:segments_segment_why", args=[customer.pk]),
        reverse("admin:segments_segment_by_hand", args=[segment.pk]),
    ):
        assert client.get(address, {"q": "\x00Por\x00to"}).status_code == 200
