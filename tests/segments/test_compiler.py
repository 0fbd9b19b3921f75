from datetime import timedelta

import pytest
from django.db.models import IntegerField
from django.utils.timezone import now

from consent.enums import Act, Channel
from consent.models import Purpose
from customers.enums import Category
from customers.models import Customer
from loyalty.models import Programme, Tier
from segments.compiler import Funnel, funnel, matching
from segments.enums import TraitType
from segments.queries import traits
from segments.rules import read_rule, sentence
from tests.factories import NOW, allow, make_choice, make_customer, make_order, make_product
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db


def who(rule, *, purpose="marketing", at=NOW, among=None):
    return set(
        matching(
            read_rule(rule, traits()),
            purpose=Purpose.objects.get(pk=purpose),
            at=at,
            among=among,
        ).values_list("pk", flat=True)
    )


def test_none_is_the_exact_complement_of_any_among_people_whose_data_may_be_used():
    porto = allow(make_customer(city="Porto"))
    nowhere = allow(make_customer(city=""))
    refused = allow(make_customer(city="Porto"), using=[Category.PURCHASE])
    leaf = {"trait": "customers.city", "operator": "is", "value": "Porto"}

    assert who({"any": [leaf]}) == {porto.pk}
    assert who({"none": [leaf]}) == {nowhere.pk}
    assert who({"none": [{"none": [leaf]}]}) == {porto.pk}
    assert refused.pk not in who({"any": [leaf]}) | who({"none": [leaf]})


@pytest.mark.parametrize(
    "leaf",
    [
        {"trait": "customers.city", "operator": "is_not", "value": "Faro", "unknown": True},
        {"trait": "customers.city", "operator": "none_of", "value": ["Faro"], "unknown": True},
        {"trait": "customers.city", "operator": "not_known"},
        {"trait": "customers.city", "operator": "is", "value": "Faro", "unknown": True},
        {"trait": "customers.orders", "operator": "did_not"},
        {"trait": "customers.orders", "operator": "at_most", "value": 0},
        {"trait": "customers.orders", "operator": "exactly", "value": 0},
        {"trait": "customers.bought", "operator": "without", "value": ["Toys"]},
        {"trait": "customers.order_count", "operator": "exactly", "value": 0},
        {"trait": "customers.spend", "operator": "at_most", "value": 5},
        {"trait": "customers.open_cart", "operator": "no"},
        {
            "trait": "customers.interests",
            "operator": "without",
            "value": ["wine"],
            "unknown": True,
        },
        {"trait": "consent.email", "operator": "not_known"},
    ],
)
def test_negation_never_reaches_people_who_refused(leaf):
    # knowledge: of 1,000,000 customers, "city <> 42" let in 849,912 who had refused.
    may = make_customer()
    allow(may, Channel.SMS)
    allow(make_customer(), Channel.SMS, using=[Category.CONTACT])
    make_customer()  # never asked

    assert who({"all": [leaf]}) == {may.pk}
    assert who({"none": [leaf]}) == set()
    assert who({"none": [{"none": [leaf]}]}) == {may.pk}


@pytest.mark.parametrize(
    "trait", ["loyalty.tier", "customers.rfm_group", "customers.buys", "customers.last_order"]
)
def test_a_value_is_missing_where_there_is_no_row_to_tell_it(trait):
    nobody = allow(make_customer())

    assert who({"all": [{"trait": trait, "operator": "not_known"}]}) == {nobody.pk}
    assert who({"none": [{"trait": trait, "operator": "known"}]}) == {nobody.pk}


def test_the_last_of_what_was_not_told_is_neither_this_nor_another():
    shop, nowhere = allow(make_customer()), allow(make_customer())
    for customer, store in ((shop, "Norte"), (nowhere, "")):
        make_order(customer)
        customer.orders.update(store=store)
    elsewhere = {"trait": "customers.orders", "operator": "is_not", "value": "Centro"}

    assert who({"all": [{**elsewhere, "measure": {"last": "store"}}]}) == {shop.pk}


def test_a_branch_that_is_allowed_lets_in_whoever_refused_the_other():
    customer = allow(make_customer(city="Porto"), using=[Category.DEMOGRAPHIC])
    city = {"trait": "customers.city", "operator": "is", "value": "Porto"}
    spend = {"trait": "customers.spend", "operator": "at_most", "value": 10}

    assert who({"any": [city, spend]}) == {customer.pk}
    assert who({"all": [city, spend]}) == set()
    assert who({"any": [{"none": [city]}, {"none": [spend]}]}) == set()


def test_a_purpose_that_needs_no_opt_in_reads_until_somebody_objects():
    silent = make_customer(city="Porto")
    objected = make_customer(city="Porto")
    make_choice(
        objected, act=Act.OBJECTED, purpose="transactional", categories=[Category.DEMOGRAPHIC]
    )
    rule = {"all": [{"trait": "customers.city", "operator": "is", "value": "Porto"}]}

    assert who(rule, purpose="transactional") == {silent.pk}
    assert who(rule) == set()


def test_a_permission_that_has_ended_is_no_yes_any_more():
    ended, stands = make_customer(), make_customer()
    for customer in (ended, stands):
        make_choice(customer, purpose="transactional", channels=[Channel.EMAIL])
    # By the database's clock, as ends are written.
    ended.permissions.update(valid_until=now() - timedelta(seconds=1))

    allowed = {"all": [{"trait": "consent.email", "operator": "yes"}]}

    assert who(allowed, purpose="transactional") == {stands.pk}


def test_the_erased_are_in_no_segment():
    allow(make_customer(erased_at=NOW))

    assert who({"all": [{"trait": "customers.city", "operator": "not_known"}]}) == set()


@pytest.mark.parametrize(
    ("ago", "recent"),
    [
        (timedelta(days=90) - timedelta(microseconds=1), True),
        (timedelta(days=90), True),
        (timedelta(days=90) + timedelta(microseconds=1), False),
    ],
)
def test_a_window_is_so_many_times_24_hours(ago, recent):
    customer = allow(make_customer())
    make_order(customer, ordered_at=NOW - ago)
    last = {"trait": "customers.last_order", "value": 90}
    orders = {"trait": "customers.orders", "window": {"days": 90}}

    in_window = {customer.pk} if recent else set()
    outside = set() if recent else {customer.pk}
    assert who({"all": [{**last, "operator": "in_last"}]}) == in_window
    assert who({"all": [{**last, "operator": "longer_ago"}]}) == outside
    assert who({"all": [{**orders, "operator": "did"}]}) == in_window
    assert who({"all": [{**orders, "operator": "did_not"}]}) == outside


def test_orders_after_the_moment_of_asking_have_not_happened():
    customer = allow(make_customer())
    make_order(customer, ordered_at=NOW)
    rule = {"all": [{"trait": "customers.orders", "operator": "did"}]}

    assert who(rule, at=NOW) == {customer.pk}
    assert who(rule, at=NOW - timedelta(seconds=1)) == set()


def test_a_category_includes_those_below_it_and_no_other_of_like_name():
    milk, toys = allow(make_customer()), allow(make_customer())
    make_order(milk, product=make_product(category="Food > Dairy > Milk"))
    make_order(toys, product=make_product(category="Food > Dairyland"))

    def bought(category):
        return who(
            {"all": [{"trait": "customers.bought", "operator": "any_of", "value": [category]}]}
        )

    assert bought("Food > Dairy") == {milk.pk}
    assert bought("Food") == {milk.pk, toys.pk}
    assert bought("Dairy") == set()


def test_the_funnel_counts_parts_gaps_and_whom_permission_holds_back():
    allow(make_customer(city="Porto"))
    allow(make_customer(city="Porto", gender="male"))
    allow(make_customer(city=""))
    make_customer(city="Porto")
    rule = read_rule(
        {
            "all": [
                {"trait": "customers.city", "operator": "is", "value": "Porto"},
                {"none": [{"trait": "customers.gender", "operator": "is", "value": "male"}]},
            ]
        },
        traits(),
    )

    counted = funnel(rule, purpose=Purpose.objects.get(pk="marketing"), at=NOW)

    assert counted == Funnel(
        total=1,
        everybody=3,
        held_back=1,
        counts={"/all": 1, "/all/0": 2, "/all/1/none": 2, "/all/1/none/0": 1},
        meant={"/all": 2, "/all/0": 3, "/all/1/none": 3, "/all/1/none/0": 1},
        left={"/all/1/none": 1},
        missing={"/all/0": 1, "/all/1/none/0": 2},
    )


def test_a_funnel_is_one_query(django_assert_num_queries):
    rule = read_rule({"all": [{"trait": "customers.orders", "operator": "did"}] * 9}, traits())
    purpose = Purpose.objects.get(pk="marketing")

    with django_assert_num_queries(1):
        funnel(rule, purpose=purpose, at=NOW)


def test_whatever_is_kept_as_a_whole_number_is_asked_for_as_one():
    """Django cuts off what stands behind the point: at least 1.5 would be at least 1."""
    numbers = {
        code: (asked.is_whole, isinstance(_column(model, asked.field), IntegerField))
        for code, asked, model in _asked_of_columns()
        if asked.type == TraitType.NUMBER
    }

    assert {code for code, (asked, _kept) in numbers.items() if asked} == {
        code for code, (_asked, kept) in numbers.items() if kept
    }
    assert {"customers.order_count", "customers.carts.items", "loyalty.points"} <= numbers.keys()


def _asked_of_columns():
    for code, trait in traits().items():
        if _is_column(trait):
            yield code, trait, Customer
        if trait.rows:
            model = trait.rows.found(NOW).model
            details = trait.details.items()
            yield from ((f"{code}.{name}", it, model) for name, it in details if _is_column(it))


def _is_column(asked):
    return asked.field and asked.reads is None


def _column(model, path):
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model._meta.get_field(name)


def test_which_values_there_are_is_asked_once_however_many_are_named(
    django_assert_max_num_queries,
):
    club, segment = Programme.objects.create(name="Club"), make_segment()
    tier = Tier.objects.create(programme=club, name="Silver", rank=1, minimum_spend=0)
    tiers = {"trait": "loyalty.tier", "operator": "one_of", "value": [tier.name] * 500}
    segments = {"trait": "segments.member", "operator": "inside", "value": [segment.pk] * 500}

    with django_assert_max_num_queries(2):
        rule = read_rule({"all": [tiers, segments] * 30}, traits())
        sentence(rule)
