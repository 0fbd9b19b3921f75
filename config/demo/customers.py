"""Invented people for the real households: a name, an address, a telephone, a place.

The till knows a number and, of a third of the households, an age band; all else is drawn by lot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from unicodedata import normalize

from config.demo import names
from config.demo.draws import Draw
from config.demo.places import CITIES, City
from config.demo.source import SHOP_ZONE, Year

AGES = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, 88),
}
MAIL_DOMAINS = (
    "caixa-postal.example",
    "correio.example",
    "mail.example",
    "mensageiro.example",
    "postal.example",
)
INTERESTS = (
    "bebês",
    "café",
    "churrasco",
    "confeitaria",
    "flores",
    "jardim",
    "orgânicos",
    "pets",
    "queijos",
    "receitas",
    "saúde",
    "vinhos",
)
INVENTED = (
    "names, e-mail, phone, birth date, gender, language, address, time zone, day of registration, "
    "interests"
)


@dataclass(frozen=True)
class Person:
    """A line of ``customers.csv``; what is unknown is empty, interests are parted by ``|``."""

    external_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: date | None
    gender: str
    language: str
    country: str
    state: str
    city: str
    postal_code: str
    timezone: str
    registered_at: datetime
    interests: str
    age_band: str
    income_band: str
    household_size: str
    children: str
    home_ownership: str
    marital_status: str
    invented: str


def external_id(household: int) -> str:
    return f"H{household:04d}"


def people(year: Year) -> Iterator[Person]:
    first_seen = year.first_seen()
    for household in year.households():
        yield person(
            household,
            known=year.demographics.get(household, {}),
            first_seen=first_seen[household],
            last_day=year.last_day,
        )


def person(
    household: int, *, known: dict[str, str | None], first_seen: datetime, last_day: date
) -> Person:
    draw = Draw(household)
    city = draw.weighted("city", CITIES)
    language = _language(draw, city)
    gender = draw.weighted("gender", {"female": 54, "male": 42, "other": 1, "": 3})
    first_name, last_name = _name(draw, city, gender=gender, language=language)
    return Person(
        external_id=external_id(household),
        first_name=first_name,
        last_name=last_name,
        email=_email(draw, first_name, last_name),
        phone="" if draw.happens("no phone", share=0.2) else draw.filled("phone", city.phone),
        birth_date=_birth_date(draw, known.get("age"), last_day=last_day),
        gender=gender,
        language=language,
        country=city.country,
        state=city.state,
        city=city.name,
        postal_code=draw.filled("postal code", city.postal_code),
        timezone=city.timezone,
        registered_at=_registered_at(draw, first_seen),
        interests="|".join(
            sorted(draw.some_of("interests", INTERESTS, count=draw.whole("how many", 0, 3)))
        ),
        age_band=known.get("age") or "",
        income_band=known.get("income") or "",
        household_size=known.get("household_size") or "",
        children=known.get("kids_count") or "",
        home_ownership=known.get("home_ownership") or "",
        marital_status=known.get("marital_status") or "",
        invented=INVENTED,
    )


def _language(draw: Draw, city: City) -> str:
    shares = {"BR": 0.97, "PT": 1.0, "IE": 0.3, "US": 0.3}
    return "pt-br" if draw.happens("language", share=shares[city.country]) else "en"


def _name(draw: Draw, city: City, *, gender: str, language: str) -> tuple[str, str]:
    women, men, families = names.WOMEN, names.MEN, names.FAMILIES
    if language == "en" and city.country == "IE":
        women, men, families = names.IRISH_WOMEN, names.IRISH_MEN, names.IRISH_FAMILIES
    elif language == "en":
        women, men, families = names.US_WOMEN, names.US_MEN, names.US_FAMILIES
    given = {"female": women, "male": men}.get(gender, women + men)
    first = draw.one_of("first name", given)
    last = draw.one_of("last name", families)
    if language == "pt-br" and draw.happens("two family names", share=0.4):
        last = f"{last} {draw.one_of('second last name', families)}"
    return first, last


def _email(draw: Draw, first_name: str, last_name: str) -> str:
    """Return an address; three in ten carry no number, so that some are shared, as in life."""
    if draw.happens("no email", share=1 / 8):
        return ""
    number = "" if draw.happens("plain email", share=0.3) else str(draw.household)
    name = f"{_ascii(first_name)}.{_ascii(last_name.split()[-1])}"
    return f"{name}{number}@{draw.one_of('mail domain', MAIL_DOMAINS)}"


def _ascii(name: str) -> str:
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalpha())


def _birth_date(draw: Draw, age_band: str | None, *, last_day: date) -> date | None:
    """Return a birthday that puts the age on ``last_day`` in the band, or none if unknown."""
    if age_band is None and draw.happens("no birth date", share=0.4):
        return None
    band = age_band or draw.weighted("age band", dict.fromkeys(AGES, 1))
    age = draw.whole("age", *AGES[band])
    month, day = draw.whole("birth month", 1, 12), draw.whole("birth day", 1, 28)
    had_birthday = (month, day) <= (last_day.month, last_day.day)
    return date(last_day.year - age - (not had_birthday), month, day)


def _registered_at(draw: Draw, first_seen: datetime) -> datetime:
    day = first_seen.astimezone(SHOP_ZONE).date() - timedelta(days=draw.whole("tenure", 1, 900))
    opening = datetime(day.year, day.month, day.day, 8, tzinfo=SHOP_ZONE)
    return draw.moment("registered", after=opening, before=opening + timedelta(hours=13))
