"""Random rules over everything that can be asked."""

from decimal import Decimal

from hypothesis import strategies as st

from consent.enums import Channel
from tests.segments.worlds.people import (
    CAMPAIGNS,
    CATEGORIES,
    CITIES,
    COUNTRIES,
    ELSEWHERE,
    INTERESTS,
    LANGUAGES,
    OFFERS,
    POSTAL_CODES,
    SEGMENTS,
    SKUS,
    STATES,
    SURVEYS,
    TAGS,
    TEAS,
    TIERS,
    WINDOWS,
)


def leaves_over(trait, comparisons, *, unknown=True, **more):
    """Draw a leaf; ``comparisons`` are the values to draw from, by operator."""

    @st.composite
    def leaf(draw):
        operator = draw(st.sampled_from(sorted(comparisons)))
        json = {"trait": trait, "operator": operator}
        if (values := comparisons[operator]) is not None:
            json["value"] = draw(values)
        for name, extra in more.items():
            if (value := draw(extra)) is not None:
                json[name] = value
        if unknown and operator not in IF_KNOWN and draw(st.booleans()):
            json["unknown"] = True
        return json

    return leaf()


def _pairs(values, *, key=None):
    return st.tuples(values, values).map(lambda ends: sorted(ends, key=key))


def _some(values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


def _exact(values):
    one = st.sampled_from(values)
    return {"is": one, "is_not": one, "one_of": _some(values), "none_of": _some(values)}


def _text(values, *, parts):
    part = st.sampled_from(parts)
    parted = ("contains", "not_contains", "starts_with", "ends_with")
    return {**_exact(values), **dict.fromkeys(parted, part)}


def _numeric(values):
    one = st.sampled_from(values)
    return {"at_least": one, "at_most": one, "exactly": one, "between": _pairs(one, key=Decimal)}


def _of_list(values):
    return {"any_of": _some(values), "all_of": _some(values), "without": _some(values)}


IF_KNOWN = {"known": None, "not_known": None}
YES_OR_NO = {"yes": None, "no": None}
AGES = [17, 18, 25, 26, 27, 28, 47]
DAYS = st.sampled_from(WINDOWS)
PERIODS = DAYS | st.builds(lambda months: {"months": months}, st.sampled_from([1, 2]))
DATES = ["2026-01-31", "2026-02-01", "2026-03-01", "2027-02-27", "2028-02-29", "2028-03-01"]
_date = st.sampled_from(DATES)
MOMENTS = {
    "in_last": PERIODS,
    "longer_ago": PERIODS,
    "days_ago": PERIODS,
    "anniversary": st.sampled_from([0, 1, 366]),
    "this_month": None,
    "in_month": st.sampled_from([1, 2, 3]),
    "on_day": st.sampled_from(["02-28", "02-29", "03-02"]),
    "before": _date,
    "since": _date,
    "between": _pairs(_date),
}
COMING = {"in_next": st.sampled_from([0, 1, 366])}
BIRTHDAYS = {
    "in_next": st.sampled_from([0, 1, 3, 366]),
    "in_days": st.sampled_from([0, 1, 366]),
    "this_month": None,
    "in_month": st.sampled_from([2, 3]),
    "on_day": st.sampled_from(["02-28", "02-29", "12-31"]),
}
AROUND = st.sampled_from(
    [
        {"country": "PT", "city": "Porto", "km": 30},
        {"country": "br", "city": "Sao Paulo", "km": 30},
        {"country": "BR", "city": "São Paulo", "km": 900},
    ]
)
MONEY = [0, "9.99", 10, 35]
FACTS = {
    "customers.country": _text(COUNTRIES, parts=["b", "R"]),
    "customers.state": _text(STATES, parts=["s", "P"]),
    "customers.city": _text(CITIES, parts=["PORTO", "por", "paulo", "ã", "%"]),
    "customers.postal_code": _text(POSTAL_CODES, parts=["01310", "0", "-"]),
    "customers.language": _text(LANGUAGES, parts=["PT", "n"]),
    "customers.gender": _exact(["female", "other"]),
    "customers.age": _numeric(AGES),
    "customers.birthday": BIRTHDAYS,
    "customers.interests": _of_list(INTERESTS),
    "customers.tags": _of_list(TAGS),
    "customers.last_order": MOMENTS,
    "customers.first_order": MOMENTS,
    "customers.average_order": _numeric(["3.33", 5, 10]),
    "customers.days_between_orders": _numeric([0, "14.5", 30]),
    "customers.year_spend": _numeric([0, "99.99", 100]),
    "customers.growth_potential": _numeric([0, "25.50", 30]),
    "customers.growth_share": _numeric([0, "0.5", 0.97]),
    "customers.timezone": _text(["Asia/Tokyo", "Mars/Base"], parts=["asia/", "u", "base"]),
    "customers.near": {"near": AROUND, "far": AROUND},
    "customers.rfm_group": _exact(["champions", "lost"]),
    "customers.recency_score": _numeric([1, 3, 5]),
    "customers.frequency_score": _numeric([1, 3, 5]),
    "customers.monetary_score": _numeric([1, 3, 5]),
    "customers.buys": _of_list(CATEGORIES),
    "customers.last_seen": MOMENTS,
    "customers.last_open": MOMENTS,
    "customers.last_click": MOMENTS,
    "loyalty.tier": _exact(TIERS),
    "loyalty.joined": MOMENTS,
    **{f"consent.{channel}": YES_OR_NO for channel in Channel.values},
    "attribute.nick": _text(["Nina"], parts=["MARIA", "nina"]),
    "attribute.shoe_size": _numeric([0, 7, 38, "38.25", 38.5]),
    "attribute.shoe__size": _numeric([0, 7, 38]),
    "attribute.budget": _numeric(["9.99", 100]),
    "attribute.since": {**MOMENTS, **COMING},
    "attribute.called": MOMENTS,
    "attribute.has_dog": YES_OR_NO,
    "attribute.tier": _exact(["Gold", "Silver"]),
    "attribute.teas": _of_list(["mate", "black", "green"]),
}
# Whether a place is known is asked of the city.
PLACES = {"customers.near"}
# Of these nobody's value is missing.
ALWAYS = {
    "customers.registered": MOMENTS,
    "customers.stage": _exact(["prospect", "customer"]),
    "customers.order_count": _numeric([0, 1, 2, 3]),
    "customers.spend": _numeric(MONEY),
    "customers.has_email": YES_OR_NO,
    "customers.has_phone": YES_OR_NO,
    "customers.open_cart": YES_OR_NO,
    "customers.open_case": YES_OR_NO,
    "consent.paused": YES_OR_NO,
    "loyalty.points": _numeric([0, 5, 100]),
    "segments.member": {"inside": _some(SEGMENTS), "outside": _some(SEGMENTS)},
    "segments.share": {"between": _pairs(st.sampled_from([0, 10, 50, 100]))},
}
PURPOSES = [*ELSEWHERE, "marketing", "personalisation", "profiling", "transactional"]
ABOUT_PURPOSES = [f"consent.{code}.{channel}" for code in PURPOSES for channel in Channel.values]
_of_goods = _exact(CATEGORIES)
# What rows tell, by what rules call it; sums and the like are made of numbers.
DETAILS = {
    "customers.orders": {
        "category": _of_goods,
        "sku": _exact(list(SKUS.values())),
        "store": _text(["Centro", "Norte"], parts=["C", "TE"]),
        "amount": _numeric([0, 10, "24.99"]),
        "discount": _numeric([0, 5]),
    },
    "customers.goods": {
        "category": _of_goods,
        "sku": _exact(list(SKUS.values())),
        "product": _text(["Milk", "Soap"], parts=["M", "TEST", "oo"]),
        "store": _text(["Centro", "Norte"], parts=["C", "TE"]),
        "amount": _numeric([0, 10, "16.67"]),
        "quantity": _numeric([1, 2, 3]),
    },
    "customers.carts": {"amount": _numeric([10, 20]), "items": _numeric([1, 2])},
    "customers.cases": {
        "status": _exact(["open", "resolved"]),
        "channel": _exact(["email", "chat"]),
    },
    "customers.survey_answers": {
        "survey": _text(SURVEYS[1:], parts=["N"]),
        "score": _numeric([0, 6, 9]),
    },
    "events.customers.product_viewed": {
        "sku": _text(list(SKUS.values()), parts=["article", "1"]),
        "price": _numeric([10, 20]),
    },
    "events.loyalty.points_earned": {"points": _numeric([0, 5, 100])},
    "events.consent.withdrawn": {"channel": _exact(["email", "sms", "push"])},
    "events.shop.tasted": {
        "tea": _text(TEAS, parts=["M", "limão"]),
        "cups": _numeric([1, "2.5"]),
        "liked": YES_OR_NO,
    },
    "campaigns.redeemed": {"offer": _exact(OFFERS), "discount": _numeric([0, 5])},
    "campaigns.holds_voucher": {"offer": _exact(OFFERS), "ends": {**MOMENTS, **COMING}},
    **{
        f"events.campaigns.{kind}": {"campaign": _text(CAMPAIGNS, parts=["R", "win"])}
        for kind in ("message_sent", "message_opened", "link_followed")
    },
}
_sums = {name: _numeric([0, 10, 25]) for name in ("sum", "average", "smallest", "largest")}
MEASURED = [
    (trait, {measure: name}, comparisons)
    for trait, details in DETAILS.items()
    for name, compared in details.items()
    if name not in ("category", "offer", "product")
    if name != "sku" or trait == "events.customers.product_viewed"
    for measure, comparisons in (
        {**_sums, "first": compared, "last": compared}
        if "at_least" in compared
        else {"first": compared, "last": compared}
    ).items()
]


def _as_asked(comparisons):
    """Draw ``{"operator": "one_of", "value": […]}``."""
    return st.one_of(
        *(
            st.just({"operator": operator})
            if values is None
            else st.builds(lambda value, it=operator: {"operator": it, "value": value}, values)
            for operator, values in comparisons.items()
        )
    )


def _where(details):
    """Draw what narrows rows; often by one detail, which leaves more of them."""
    asked = {name: _as_asked(comparisons) for name, comparisons in details.items()}
    one = (st.fixed_dictionaries({name: values}) for name, values in asked.items())
    return st.fixed_dictionaries({}, optional=asked) | st.one_of(*one)


_wheres = {trait: _where(details) for trait, details in DETAILS.items()}
_happening = st.one_of(
    *(st.fixed_dictionaries({"trait": st.just(it), "where": _wheres[it]}) for it in DETAILS)
)
_then = st.builds(
    lambda happening, operator, days: {**happening, "operator": operator, "within": days},
    _happening,
    st.sampled_from(["did", "did_not"]),
    DAYS,
)
_windows = st.one_of(
    st.none(),
    st.builds(lambda days: {"days": days}, DAYS),
    st.just({"months": 1}),
    st.builds(lambda day: {"from": day}, _date),
    st.builds(lambda day: {"until": day}, _date),
    st.builds(lambda days: {"from": days[0], "until": days[1]}, _pairs(_date)),
    st.sampled_from([{"days_ago": [30, 1]}, {"days_ago": [60, 30]}, {"days_ago": [1, 0]}]),
    st.builds(lambda happening: {"since": happening}, _happening),
)
_times = {
    "did": None,
    "did_not": None,
    "at_least": st.integers(1, 3),
    "at_most": st.integers(0, 2),
    "exactly": st.integers(0, 2),
}
_of_fields = [
    leaves_over(trait, FACTS[trait] | ({} if trait in PLACES else IF_KNOWN)) for trait in FACTS
] + [leaves_over(trait, ALWAYS[trait], unknown=False) for trait in ALWAYS]
_of_fields.append(
    st.sampled_from(ABOUT_PURPOSES).flatmap(lambda it: leaves_over(it, YES_OR_NO | IF_KNOWN))
)
_of_rows = [
    leaves_over("customers.spend", _numeric(MONEY), unknown=False, window=_windows),
    leaves_over("customers.bought", _of_list(CATEGORIES), unknown=False, window=_windows),
    *(
        leaves_over(
            trait,
            _times,
            unknown=False,
            window=_windows,
            where=_wheres[trait],
            then=st.none() | _then,
        )
        for trait in DETAILS
    ),
]
_measuring = [
    leaves_over(
        trait,
        comparisons,
        unknown=False,
        window=_windows,
        where=_wheres[trait],
        measure=st.just(measure),
    )
    for trait, measure, comparisons in MEASURED
]
leaves = st.one_of(
    st.sampled_from(_of_fields).flatmap(lambda leaf: leaf),
    st.sampled_from(_of_rows).flatmap(lambda leaf: leaf),
    st.sampled_from(_measuring).flatmap(lambda leaf: leaf),
)
TRAITS = {*FACTS, *ALWAYS, *DETAILS, *ABOUT_PURPOSES, "customers.bought"}


def groups_of(parts):
    return st.builds(
        lambda combination, chosen: {combination: chosen},
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
    )


rules = groups_of(st.recursive(leaves, groups_of, max_leaves=4))
