"""What a voucher takes off a cart: a function of the cart and the terms alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from campaigns.enums import Effect

CENT = Decimal("0.01")


@dataclass(frozen=True)
class CartLine:
    """``quantity`` may be a weight; ``unit_price`` is before any discount of ours."""

    sku: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class Terms:
    """What an offer promises: ``percent`` is 0 to 100, ``cap`` limits a percentage."""

    effect: Effect
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    cap: Decimal | None = None
    minimum_order: Decimal = Decimal(0)


@dataclass(frozen=True)
class Article:
    """All of a cart's lines of one article, and the share of the discount that falls on it."""

    sku: str
    total: Decimal
    discount: Decimal


@dataclass(frozen=True)
class Price:
    """The articles add up to the total and to the discount, to the cent."""

    total: Decimal
    discount: Decimal
    articles: tuple[Article, ...]

    @property
    def to_pay(self) -> Decimal:
        return self.total - self.discount


def price(cart: Iterable[CartLine], terms: Terms) -> Price:
    """Return what the terms take off; the minimum order is not looked at.

    How the shop splits or orders its lines makes no difference.
    """
    totals = article_totals(cart)
    total = sum(totals.values(), Decimal(0))
    discount = discount_on(total, terms)
    shares = allocate(discount, totals)
    return Price(
        total=total,
        discount=discount,
        articles=tuple(Article(sku, totals[sku], shares[sku]) for sku in totals),
    )


def article_totals(cart: Iterable[CartLine]) -> dict[str, Decimal]:
    """Return the money of each article, by SKU.

    Quantities at one price are added before anything is rounded, or three lines of 0.333 kg would
    cost other cents than one line of 0.999 kg.
    """
    quantities: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in cart:
        quantities[line.sku, line.unit_price] += line.quantity
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for (sku, unit_price), quantity in sorted(quantities.items()):
        totals[sku] += rounded(quantity * unit_price)
    return dict(totals)


def discount_on(total: Decimal, terms: Terms) -> Decimal:
    """Return the whole discount, rounded once: line by line it would differ from the total's."""
    if terms.effect == Effect.AMOUNT:
        return min(terms.amount, total)
    discount = rounded(total * terms.percent / 100)
    return min(discount, total if terms.cap is None else terms.cap)


def allocate(discount: Decimal, totals: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Spread the discount over the articles by value; the shares add up to it exactly.

    Largest remainder (Hamilton): every article gets its share rounded down, and the cents that
    are left go to the largest fractions, so that no article gets more than it costs.
    """
    total = sum(totals.values(), Decimal(0))
    if not total:
        return dict.fromkeys(totals, Decimal(0))
    parts = {sku: divmod(discount / CENT * value, total) for sku, value in totals.items()}
    shares = {sku: whole * CENT for sku, (whole, _) in parts.items()}
    left = int((discount - sum(shares.values())) / CENT)
    # The SKU breaks ties, so that the order of the lines cannot.
    largest_first = sorted(parts, key=lambda sku: (-parts[sku][1], sku))
    for sku in largest_first[:left]:
        shares[sku] += CENT
    return shares


def rounded(money: Decimal) -> Decimal:
    return money.quantize(CENT, ROUND_HALF_UP)
