"""Who lives so many kilometres from a city, however they wrote theirs."""

import pytest
from django.utils import translation

from consent.models import Purpose
from segments.compiler import matching
from segments.queries import traits
from segments.rules import BadRule, read_rule, sentence
from tests.factories import NOW, allow, make_customer

pytestmark = pytest.mark.django_db


def near(city="Porto", country="PT", km=30, **more):
    value = {"city": city, "country": country, "km": km}
    return {"trait": "customers.near", "operator": "near", "value": value, **more}


def who(leaf):
    rule = read_rule({"all": [leaf]}, traits())
    found = matching(rule, purpose=Purpose.objects.get(pk="marketing"), at=NOW)
    return set(found.values_list("external_id", flat=True))


def lives(city, country="PT", *, allowing=True):
    customer = make_customer(external_id=f"{city}, {country}", city=city, country=country)
    return allow(customer) if allowing else customer


def test_who_lives_near_is_found_however_they_wrote_their_city():
    for city in ("Porto", "MATOSINHOS", " vila nova de gaia", "Lisboa", "Nenhures", ""):
        lives(city)
    lives("Porto", "BR")

    assert who(near()) == {"Porto, PT", "MATOSINHOS, PT", " vila nova de gaia, PT"}
    assert who({**near(), "operator": "far"}) == {"Lisboa, PT", "Nenhures, PT", "Porto, BR"}
    assert who({**near(), "operator": "far", "unknown": True}) >= {", PT"}


def test_a_border_is_no_obstacle():
    lives("Tui", "ES")
    lives("Valença", "PT")

    assert who(near("Tui", "ES", km=10)) == {"Tui, ES", "Valença, PT"}


def test_where_somebody_lives_is_asked_with_their_permission_alone():
    lives("Porto", allowing=False)

    assert who(near()) == who({**near(), "operator": "far", "unknown": True}) == set()


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ("Porto", "/all/0/value"),
        ({"city": "Porto", "country": "PT"}, "/all/0/value"),
        ({"city": "Nenhures", "country": "PT", "km": 5}, "/all/0/value/city"),
        ({"city": "Porto", "country": 351, "km": 5}, "/all/0/value/country"),
        ({"city": "Porto", "country": "PT", "km": 0}, "/all/0/value/km"),
        ({"city": "Porto", "country": "PT", "km": "5"}, "/all/0/value/km"),
    ],
)
def test_a_place_that_nobody_knows_is_refused_with_its_place_in_the_rule(value, pointer):
    with pytest.raises(BadRule) as refusal:
        read_rule({"all": [{**near(), "value": value}]}, traits())

    assert refusal.value.pointer == pointer


def test_a_distance_is_said_in_words():
    rule = read_rule({"all": [near()]}, traits())

    with translation.override("en"):
        assert sentence(rule) == "Lives at most 30 km from Porto (PT)"
    with translation.override("pt-br"):
        assert sentence(rule) == "Mora a no máximo 30 km de Porto (PT)"
