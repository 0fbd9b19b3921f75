"""Invented consents: who said yes to which channel and to which use of their data.

The shares are drawn so that a segment on purchases reaches at least 60 % of everybody by e-mail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.demo.customers import Person
from config.demo.draws import Draw
from config.demo.source import SHOP_ZONE

# What the sign-up form asks as one, because marketing by e-mail makes no sense without it.
BASIC = ("identity", "contact", "purchase")
OPTIONAL = {
    "demographic": 0.94,
    "browsing": 0.55,
    "search": 0.4,
    "in_store": 0.4,
    "inferred": 0.5,
    "location_coarse": 0.3,
    "location_precise": 0.1,
    "sensitive": 0.03,
}
ANSWERS = {"accepted": 78, "withdrew": 6, "refused": 9, "never asked": 7}
SOURCES = {"web_form": 62, "till": 28, "call_centre": 10}
# What we could show of a choice that staff heard; on a page people leave none but the choice.
EVIDENCE = {"till": "Signed form {number}", "call_centre": "Recorded call {number}"}
# The words that every shop begins with.
NOTICE, VERSION = "standard", "1"
# A yes holds for two years; whoever said it earlier was asked again at the till, and said so.
HOLDS = timedelta(days=700)
# How many of those who take advertising allow the rest too, and with which data.
OTHER_PURPOSES = {
    "personalisation": (0.7, ("identity", "purchase", "demographic")),
    "profiling": (0.45, ("identity", "purchase", "inferred")),
    "research": (0.3, ("identity", "contact")),
    "third_party_sharing": (0.35, ("identity", "contact", "purchase", "demographic")),
}
# Sharing is allowed on words that name with whom (config.demo.plans); all else on the standard's.
NOTICES = {"third_party_sharing": "partners"}


@dataclass(frozen=True)
class Consent:
    """A line of ``consents.csv``: of channel and category, one is empty.

    Who takes a choice back is shown no words, and owes no evidence.
    """

    external_id: str
    purpose: str
    channel: str
    category: str
    kind: str
    occurred_at: datetime
    source: str
    notice: str = NOTICE
    notice_version: str = VERSION
    evidence: str = ""


def consents(people: Iterable[Person], *, last_day: date) -> Iterator[Consent]:
    for person in people:
        yield from _of_person(person, last_day=last_day)


def _of_person(person: Person, *, last_day: date) -> Iterator[Consent]:
    draw = Draw(int(person.external_id[1:]))
    answer = draw.weighted("consent", ANSWERS)
    if answer == "never asked":
        return
    source = draw.weighted("consent source", SOURCES)
    accepted = answer != "refused"
    for asked_at, where in _times_asked(draw, person, source, accepted, last_day=last_day):
        evidence = EVIDENCE.get(where, "").format(number=person.external_id[1:])
        for channel, category, kind in _answers(draw, person, accepted=accepted):
            yield Consent(
                person.external_id,
                "marketing",
                channel,
                category,
                kind,
                asked_at,
                where,
                evidence=evidence,
            )
    if accepted:
        yield from _other_purposes(draw, person, asked_at)
    if answer == "withdrew":
        yield from _withdrawals(draw, person, asked_at, last_day=last_day)


def _answers(draw: Draw, person: Person, *, accepted: bool) -> Iterator[tuple[str, str, str]]:
    """Yield channel, category and kind; an optional box left empty is a refusal or not asked."""
    yes = "given" if accepted else "refused"
    if person.email:
        yield "email", "", yes
    for channel, share in (("sms", 0.5), ("whatsapp", 0.6)) if person.phone else ():
        if kind := _optional(draw, channel, share=share * accepted):
            yield channel, "", kind
    for category in BASIC:
        yield "", category, yes
    for category, share in OPTIONAL.items():
        if kind := _optional(draw, category, share=share * accepted):
            yield "", category, kind


def _optional(draw: Draw, scope: str, *, share: float) -> str:
    if draw.happens(f"consent to {scope}", share=share):
        return "given"
    return "refused" if draw.happens(f"asked for {scope}", share=0.4) else ""


def _times_asked(
    draw: Draw, person: Person, source: str, accepted: bool, *, last_day: date
) -> Iterator[tuple[datetime, str]]:
    """Yield when and where: at the sign-up and, where that no longer holds, once more since."""
    asked_at = _asked_at(draw, person, source, last_day=last_day)
    yield asked_at, source
    ends = _noon(last_day)
    if accepted and asked_at < ends - HOLDS:
        yield draw.moment("asked again", after=ends - HOLDS, before=ends), "till"


def _other_purposes(draw: Draw, person: Person, asked_at: datetime) -> Iterator[Consent]:
    """Yield what else was allowed, or refused, with the advertising, in the preference centre."""
    for purpose, (share, categories) in OTHER_PURPOSES.items():
        if not draw.happens(f"asked for {purpose}", share=0.85):
            continue
        kind = "given" if draw.happens(f"consent to {purpose}", share=share) else "refused"
        for scope in ("email", *categories) if person.email else categories:
            channel, category = (scope, "") if scope == "email" else ("", scope)
            yield Consent(
                person.external_id,
                purpose,
                channel,
                category,
                kind,
                asked_at,
                "preference_centre",
                notice=NOTICES.get(purpose, NOTICE),
            )


def _asked_at(draw: Draw, person: Person, source: str, *, last_day: date) -> datetime:
    """Return the sign-up itself, or, where the call centre asked, some day since."""
    if source != "call_centre":
        return person.registered_at
    return draw.moment("called", after=person.registered_at, before=_noon(last_day))


def _withdrawals(
    draw: Draw, person: Person, asked_at: datetime, *, last_day: date
) -> Iterator[Consent]:
    """Yield one withdrawal: of the e-mails, or of the use of purchases."""
    by_channel = bool(person.email) and draw.happens("withdraws e-mail", share=0.8)
    yield Consent(
        person.external_id,
        "marketing",
        "email" if by_channel else "",
        "" if by_channel else "purchase",
        "withdrawn",
        draw.moment("withdrawn", after=asked_at + timedelta(hours=1), before=_noon(last_day)),
        "unsubscribe_link" if by_channel else "preference_centre",
        notice="",
        notice_version="",
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHOP_ZONE)
