"""What came back of an order, and what the order is then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from customers.enums import OrderStatus

CENT = Decimal("0.01")
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Line:
    """One line of an order; ``total`` is what is paid for all its units after ``discount``.

    ``returned_quantity`` is how many units of it have come back by now; None: nobody said.
    """

    sku: str
    quantity: Decimal
    total: Decimal
    discount: Decimal = NOTHING
    returned_quantity: Decimal | None = None

    @property
    def returned(self) -> Decimal:
        return self.returned_quantity or NOTHING

    @property
    def left(self) -> Decimal:
        return self.quantity - self.returned

    @property
    def is_back(self) -> bool:
        return not self.left

    @property
    def given_back(self) -> Decimal:
        return worth(self.returned, of=self)


def worth(quantity: Decimal, *, of: Line) -> Decimal:
    """Return what is given back when ``quantity`` units of a line in all have come back.

    The share of what was paid for the line, discount taken off, rounded half up. It is reckoned
    from all that came back, not return by return: however the returns are split, they add up, and
    the last one takes what rounding left over.
    """
    if not of.quantity:
        return NOTHING
    return (of.total * quantity / of.quantity).quantize(CENT, ROUND_HALF_UP)


def given_back(lines: Iterable[Line]) -> Decimal:
    return sum((line.given_back for line in lines), NOTHING)


def status_of(lines: Sequence[Line], *, told: OrderStatus | None = None) -> OrderStatus:
    """Return what an order is whose lines came back as far as they say.

    Only "cancelled" and, where nothing can come back by the piece, "returned" is taken as told.
    """
    if told == OrderStatus.CANCELLED:
        return OrderStatus.CANCELLED
    is_back = all(line.is_back for line in lines)
    if any(line.returned for line in lines):
        return OrderStatus.RETURNED if is_back else OrderStatus.PARTIALLY_RETURNED
    return OrderStatus.RETURNED if told == OrderStatus.RETURNED else OrderStatus.PLACED


def with_returns(
    told: Sequence[Line], *, status: OrderStatus | None, known: Sequence[Line] = ()
) -> tuple[Line, ...]:
    """Return the told lines, each with what has come back of it.

    A line that says so is believed. Of the others, "placed" means that nothing came back, and
    "returned" that everything did; otherwise what is known of the line stays, as far as it is
    still the same article.
    """
    before = dict(enumerate(known))
    return tuple(
        replace(line, returned_quantity=_returned(line, status, before.get(place)))
        for place, line in enumerate(told)
    )


def _returned(line: Line, status: OrderStatus | None, known: Line | None) -> Decimal:
    if line.returned_quantity is not None:
        return line.returned_quantity
    if status == OrderStatus.RETURNED:
        return line.quantity
    if status == OrderStatus.PLACED or known is None or known.sku != line.sku:
        return NOTHING
    return min(known.returned, line.quantity)
