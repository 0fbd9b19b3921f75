"""Where declared cities lie, by GeoNames; distances as the crow flies."""

import pytest
from django.utils import translation

from customers.rules.places import (
    Coordinates,
    cities_within,
    country_name,
    distance,
    place,
    plain_city,
)

SAO_PAULO = Coordinates(-23.5475, -46.63611)


@pytest.mark.parametrize("written", ["São Paulo", "SAO PAULO", " são  paulo "])
def test_a_city_is_found_however_it_is_written(written):
    assert place("BR", written) == SAO_PAULO
    assert place("br", written) == SAO_PAULO


def test_a_city_is_looked_for_in_its_own_country():
    assert place("PT", "Porto") is not None
    assert place("PT", "São Paulo") is None
    assert place("BR", "Nenhures") is None
    assert place("", "Porto") is None


def test_of_several_the_biggest_is_meant():
    """Viçosa in Minas Gerais has four times the people of Viçosa in Alagoas."""
    minas = place("BR", "Viçosa")

    assert minas is not None
    assert distance(minas, Coordinates(-20.754, -42.882)) < 5


def test_a_city_is_found_by_what_others_call_it_unless_another_is_called_so():
    assert place("US", "Nova York") == place("US", "New York City")
    assert place("GB", "Londres") == place("GB", "London")


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        # Great-circle distances of the cities' centres.
        (("BR", "São Paulo"), ("BR", "Rio de Janeiro"), 360),
        (("BR", "São Paulo"), ("BR", "Campinas"), 84),
        (("BR", "Recife"), ("PT", "Lisboa"), 5835),
    ],
)
def test_distances_are_as_the_crow_flies(one, other, km):
    here, there = place(*one), place(*other)

    assert here
    assert there
    assert distance(here, there) == pytest.approx(km, rel=0.01)


def test_cities_around_another_are_named_by_country():
    recife = place("BR", "Recife")

    ((country, names),) = cities_within(recife, 20)

    assert country == "BR"
    assert {"recife", "olinda", "jaboatao dos guararapes"} <= set(names)
    assert "caruaru" not in names
    assert "caruaru" in dict(cities_within(recife, 130))["BR"]


def test_a_radius_does_not_end_at_a_border():
    found = dict(cities_within(place("BR", "Foz do Iguaçu"), 20))

    assert {"BR", "PY", "AR"} <= found.keys()
    assert "ciudad del este" in found["PY"]


def test_a_radius_names_exactly_the_cities_that_are_found_within_it():
    center = place("IE", "Dublin")
    assert center

    for country, names in cities_within(center, 150):
        found = [place(country, name) for name in names]
        assert all(there and distance(center, there) <= 150 for there in found)


def test_across_the_date_line_near_is_near():
    suva = place("FJ", "Suva")

    assert distance(Coordinates(0, 179.9), Coordinates(0, -179.9)) == pytest.approx(22.2, rel=0.01)
    assert "FJ" in dict(cities_within(suva, 5))


def test_a_city_is_compared_without_marks_and_capitals():
    assert plain_city("  Jaboatão dos GUARARAPES ") == "jaboatao dos guararapes"


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [("IE", "en", "Ireland"), ("ie", "pt-br", "Irlanda"), ("XX", "pt-br", "XX")],
)
def test_a_country_is_called_as_the_reader_calls_it(code, language, name):
    with translation.override(language):
        assert country_name(code) == name
