from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from consent.enums import Channel
from customers.enums import Category, ContactChannel, OrderStatus, ProfileTab
from customers.models import Case, Customer, DeclaredKind
from customers.operations.cases import open_case
from customers.operations.metrics import refresh_metrics
from customers.operations.profile import CustomerErased, change_customer
from customers.operations.timeline import NewEvent, record_events
from customers.queries.gathering import gather
from customers.queries.history import PAGE, timeline
from customers.queries.pages import profile_url
from customers.queries.profile import monthly_spend, spend_by_month
from tests.factories import NOW, make_choice, make_customer, make_order, make_user, make_voucher
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


def page_of(customer):
    return reverse("admin:customers_customer_profile", args=[customer.pk])


def test_profile_shows_who_what_and_whether_we_may(client, staff):
    ana = make_customer(first_name="Ana", last_name="Souza", city="Recife")
    make_order(ana, total="123.40", external_id="A-17")
    make_choice(ana, channels=[Channel.EMAIL], categories=[Category.PURCHASE])

    page = client.get(page_of(ana)).content.decode()

    assert "Ana Souza" in page
    assert "Recife" in page
    assert "R$\u00a0123.40" in page
    assert "Order A-17 over" in page
    assert "Gave permission: E-mail" in page


def test_profile_is_read_by_those_who_may_and_each_view_is_written_down(client, staff):
    ana = make_customer()
    nobody = make_user()

    client.get(page_of(ana))
    client.force_login(nobody)
    refused = client.get(page_of(ana))

    assert refused.status_code == 403
    told = AuditEntry.objects.order_by("pk").values_list("action", "actor", "subject_id")
    assert list(told) == [
        ("customers.viewed", staff.pk, ana.pk),
        ("refused", nobody.pk, ana.pk),
    ]


def test_form_of_a_customer_is_as_good_as_a_look_at_the_page(client, staff):
    ana = make_customer()

    client.get(reverse("admin:customers_customer_change", args=[ana.pk]))

    seen = AuditEntry.objects.get()
    assert (seen.action, seen.actor, seen.subject_id) == ("customers.viewed", staff, ana.pk)


@pytest.mark.parametrize(
    ("who", "most"),
    [({"is_superuser": True}, 5), ({"role": Role.SUPPORT_AGENT}, 7)],
    ids=["superuser", "agent"],
)
def test_profile_asks_few_queries_however_long_the_history(client, who, most):
    # Session, person (an agent's permissions: two more), customer with all panels, who looked,
    # and the timeline.
    client.force_login(make_user(**who))
    ana = make_member(balance=70).customer
    saved = DeclaredKind.objects.create(code="shop.saved", label="Saved", category="browsing")
    saved.fields.create(name="recipe", required=True)
    record_events([NewEvent("shop.saved", ana.pk, NOW, "saved", {"recipe": "Bolo"})])
    for number in range(30):
        make_order(ana, external_id=f"L-{number}")
        make_voucher(customer=ana)
        make_choice(ana, channels=[Channel.EMAIL])
        open_case(ana, channel=ContactChannel.CHAT, subject="?", reference=f"{number}", at=NOW)
    client.get(page_of(ana))

    with CaptureQueriesContext(connection) as asked:
        client.get(page_of(ana))

    assert len(asked) == most


def test_profile_says_events_of_the_staffs_own_kinds_in_words(client, staff):
    ana = make_customer()
    saved = DeclaredKind.objects.create(code="shop.saved", label="Saved", category="browsing")
    saved.fields.create(name="recipe", required=True)
    record_events([NewEvent("shop.saved", ana.pk, NOW, "saved", {"recipe": "Bolo"})])

    page = client.get(page_of(ana)).content.decode()

    assert "Bolo" in page


def test_timeline_pages_miss_nothing_and_repeat_nothing():
    ana = make_customer()
    # Many at one instant, orders among them, so that the time alone does not tell where one ended.
    for number in range(30):
        make_order(ana, external_id=f"O-{number}", ordered_at=NOW)
    record_events(
        NewEvent("customers.case_opened", ana.pk, NOW + timedelta(days=n // 20), f"e{n}", {})
        for n in range(70)
    )

    seen, before = [], ""
    while page := timeline(ana, before=before):
        seen += [entry.cursor for entry in page]
        before = page[-1].cursor
        assert len(page) <= PAGE

    # One more: that she became known to the shop.
    assert len(seen) == len(set(seen)) == 101


def test_timeline_shows_an_order_once_and_as_it_is_told(django_assert_num_queries):
    ana = make_customer()
    make_order(ana, external_id="A-1", total="12.50", ordered_at=NOW)

    with django_assert_num_queries(1):
        (entry,) = timeline(ana, kind="customers.order_placed")

    assert entry.sentence == "Order A-1 over R$\u00a012.50"


def test_timeline_of_one_kind_shows_nothing_else():
    ana = make_customer()
    make_order(ana)
    open_case(ana, channel=ContactChannel.CHAT, subject="?", reference="c", at=NOW)

    assert [entry.sentence for entry in timeline(ana, kind="customers.case_opened")] == ["Case: ?"]


def test_timeline_after_nonsense_begins_anew():
    ana = make_customer()

    assert timeline(ana, before="../../etc") == timeline(ana)


def months_of(customer):
    rows = {"months": monthly_spend(at=NOW)}
    gathered = gather(Customer.objects.filter(pk=customer.pk), rows)
    assert gathered
    return spend_by_month(gathered[1]["months"], at=NOW)


def test_spend_by_month_counts_what_stands():
    ana = make_customer()
    make_order(ana, total="30.00", ordered_at=NOW)
    make_order(ana, total="99.00", ordered_at=NOW, status=OrderStatus.CANCELLED)
    make_order(ana, total="15.00", ordered_at=NOW - timedelta(days=20))

    months = months_of(ana)[-3:]

    assert [month.spend for month in months] == [Decimal(0), Decimal("15.00"), Decimal("30.00")]
    assert [month.share for month in months] == [0, 50, 100]


def test_metrics_follow_the_orders_and_are_the_same_when_told_again():
    ana = make_customer()
    make_order(ana, total="30.00", external_id="A-1")
    make_order(ana, total="50.00", external_id="A-2")
    make_order(ana, total="50.00", external_id="A-2", status=OrderStatus.RETURNED)

    refresh_metrics([ana.pk])
    ana.refresh_from_db()

    assert (ana.metrics.order_count, ana.metrics.spend) == (1, Decimal("30.00"))
    assert ana.metrics.last_order_at == NOW
    assert ana.stage == "customer"


def test_case_opened_twice_by_a_double_click_is_one_case(client, staff):
    ana = make_customer()
    url = reverse("admin:customers_case_open", args=[ana.pk])
    form = {"channel": "phone", "subject": "Veio quebrado", "text": "", "reference": "click-1"}

    client.post(url, form)
    answer = client.post(url, form)

    assert answer.url == profile_url(ana.pk, ProfileTab.CARE)
    assert [case.subject for case in Case.objects.all()] == ["Veio quebrado"]


def test_case_is_resolved_with_what_was_done(client, staff):
    case = open_case(
        make_customer(), channel=ContactChannel.CHAT, subject="?", reference="c1", at=NOW
    )
    url = reverse("admin:customers_case_change", args=[case.pk])

    client.post(url, {"resolution": "Dinheiro devolvido"})

    case.refresh_from_db()
    assert (case.status, case.resolution) == ("resolved", "Dinheiro devolvido")
    assert case.customer.events.filter(kind="customers.case_resolved").count() == 1


def test_edited_address_is_kept_normal_and_hashed(client, staff):
    ana = make_customer(email="ana@mail.example")
    before = ana.email_hash
    url = reverse("admin:customers_customer_change", args=[ana.pk])
    facts = {"external_id": ana.external_id, "stage": "prospect", "interests": ""}

    client.post(url, {**facts, "email": " Ana.Nova@Mail.Example ", "phone": "(11) 98765-4321"})

    ana.refresh_from_db()
    assert (ana.email, ana.phone) == ("ana.nova@mail.example", "+5511987654321")
    assert ana.email_hash != before


def test_edited_phone_that_is_none_is_refused_in_words(client, staff):
    ana = make_customer(phone="")
    url = reverse("admin:customers_customer_change", args=[ana.pk])

    answer = client.post(
        url, {"external_id": ana.external_id, "stage": "prospect", "phone": "12345"}
    )

    assert "This is not a phone number" in answer.content.decode()


def test_prospect_from_a_chat_needs_no_more_than_a_name(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    url = reverse("admin:customers_customer_add")
    form = client.get(url).context["adminform"].form
    offered = {name: form[name].value() for name in ("external_id", "stage")}

    answer = client.post(url, {**offered, "first_name": "Bia", "interests": ""})
    bia = Customer.objects.get()
    assert answer.headers["Location"] == page_of(bia)
    assert (bia.name, bia.stage, bia.email_hash) == ("Bia", "prospect", None)
    assert "Bia" in client.get(page_of(bia)).content.decode()


def test_a_privacy_officer_sees_who_looked_at_a_customer(client):
    customer, other = make_customer(), make_customer()
    agent = make_user(role=Role.SUPPORT_AGENT, username="andre")
    client.force_login(agent)
    for somebody in (customer, other):
        client.get(reverse("admin:customers_customer_profile", args=[somebody.pk]))
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    looked_at = reverse("admin:customers_customer_looked_at", args=[customer.pk])
    listed = client.get(looked_at, follow=True).context["cl"].result_list

    assert [(entry.actor, entry.subject_id) for entry in listed] == [(agent, customer.pk)]


def test_two_forms_about_one_person_lose_nothing_of_each_other():
    ana = make_customer(first_name="Ana", city="Recife", attributes={"shoe": 38, "pet": "cat"})
    first, second = Customer.objects.get(), Customer.objects.get()

    first.city, first.attributes = "Porto", {"shoe": 39, "pet": "cat"}
    change_customer(first, changed=["city", "attributes.shoe"], at=NOW)
    second.first_name, second.attributes = "Anna", {"shoe": 38}
    change_customer(second, changed=["first_name", "attributes.pet"], at=NOW)

    ana.refresh_from_db()
    assert (ana.first_name, ana.city, ana.attributes) == ("Anna", "Porto", {"shoe": 39})


def test_whoever_was_erased_meanwhile_does_not_come_back_by_a_form():
    ana = make_customer(first_name="Ana")
    Customer.objects.update(erased_at=NOW, first_name="")

    with pytest.raises(CustomerErased):
        change_customer(ana, changed=["city"], at=NOW)

    assert Customer.objects.get().first_name == ""
