from datetime import date

import pytest

from common.enums import Role, Scope
from consent.models import PrivacySettings, Purpose
from customers.enums import BirthDatePolicy, Category
from customers.forms.people import CustomerForm
from customers.models import Customer
from customers.operations.birth_dates import cut_birth_dates
from customers.rules.birth_dates import kept_birth_date
from segments.compiler import matching
from segments.queries import traits
from segments.rules import read_rule
from tests.api import api_client
from tests.customers.imports.files import brought_in
from tests.factories import NOW, make_choice, make_customer, make_user

pytestmark = pytest.mark.django_db
BORN = date(1992, 2, 29)
KEPT = {
    BirthDatePolicy.FULL: BORN,
    BirthDatePolicy.DAY_AND_MONTH: date(1904, 2, 29),
    BirthDatePolicy.NONE: None,
}
every_policy = pytest.mark.parametrize("policy", list(BirthDatePolicy))


def choose(policy):
    PrivacySettings.objects.update_or_create(defaults={"birth_date_policy": policy})


def born():
    return Customer.objects.get(external_id="C1").birth_date


@every_policy
def test_a_date_keeps_what_the_policy_says(policy):
    assert kept_birth_date(BORN, policy=policy) == KEPT[policy]


@every_policy
def test_a_file_brings_in_no_more(policy):
    choose(policy)

    brought_in("customers", "external_id,birth_date\nC1,29/02/1992\n")

    assert born() == KEPT[policy]


@every_policy
def test_the_api_takes_no_more(policy):
    choose(policy)

    api_client(Scope.WRITE_CUSTOMERS).put(
        "/api/v1/customers/C1", {"birth_date": "1992-02-29"}, format="json"
    )

    assert born() == KEPT[policy]


@every_policy
def test_the_form_says_so_and_keeps_no_more(policy, client):
    choose(policy)
    ana = make_customer(external_id="C1")
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    url = f"/admin/customers/customer/{ana.pk}/change/"

    client.post(url, {"external_id": "C1", "stage": "customer", "birth_date": "1992-02-29"})

    assert born() == KEPT[policy]
    assert CustomerForm().fields["birth_date"].disabled == (policy == BirthDatePolicy.NONE)


@every_policy
def test_customers_already_here_are_cut_in_steps(policy):
    for _ in range(3):
        make_customer(birth_date=BORN)
    make_customer(birth_date=None)
    choose(policy)

    steps = [cut_birth_dates(at=NOW, limit=2) for _ in range(3)]

    assert steps == ([0, 0, 0] if policy == BirthDatePolicy.FULL else [2, 1, 0])
    dates = Customer.objects.order_by("pk").values_list("birth_date", flat=True)
    assert list(dates) == [KEPT[policy]] * 3 + [None]


def test_who_has_no_year_has_a_birthday_and_no_age():
    choose(BirthDatePolicy.DAY_AND_MONTH)
    make_choice(make_customer(birth_date=date(1904, 3, 1)), categories=[Category.DEMOGRAPHIC])

    def found(trait, operator, value=None):
        told = {"trait": trait, "operator": operator} | ({"value": value} if value else {})
        rule = read_rule({"all": [told]}, traits())
        return matching(rule, purpose=Purpose.objects.get(pk="marketing"), at=NOW).count()

    assert found("customers.birthday", "in_month", 3) == 1
    assert found("customers.age", "at_least", 18) == 0
    assert found("customers.age", "at_most", 150) == 0
    assert found("customers.age", "known") == 0
    assert found("customers.age", "not_known") == 1
