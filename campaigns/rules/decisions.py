"""Whether a voucher is taken, and why: one record for the till, the agent and the customer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from campaigns.enums import Refusal
from campaigns.rules.pricing import CartLine, Price, Terms, price

Value = Decimal | int | datetime | None


@dataclass(frozen=True)
class Facts:
    """What is known of a voucher when somebody wants to use it.

    A limit of None is no limit; an ``owner`` of None is whoever holds the code.
    """

    offer: str
    terms: Terms
    valid_from: datetime
    valid_until: datetime
    is_active: bool = True
    is_voided: bool = False
    owner: int | None = None
    customer: int | None = None
    use_count: int = 0
    use_limit: int = 1
    offer_use_count: int = 0
    offer_use_limit: int | None = None
    customer_use_count: int = 0
    customer_use_limit: int | None = None


@dataclass(frozen=True)
class Clause:
    """One condition: what it needs, what there is, and the refusal when it fails."""

    refusal: Refusal
    passed: bool
    needed: Value = None
    actual: Value = None

    @property
    def missing(self) -> Decimal | None:
        """The nearest miss: how much more the cart needs, or None where no purchase would help."""
        if self.passed or self.refusal != Refusal.MINIMUM_NOT_REACHED:
            return None
        return Decimal(str(self.needed)) - Decimal(str(self.actual))


@dataclass(frozen=True)
class Decision:
    """Everything that was looked at, in order; the first clause that failed is the reason."""

    clauses: tuple[Clause, ...]
    price: Price | None = None
    offer: str = ""

    @property
    def failed(self) -> Clause | None:
        return next((clause for clause in self.clauses if not clause.passed), None)


def decide(facts: Facts, cart: Iterable[CartLine], *, at: datetime) -> Decision:
    """Judge every condition, also after the first that fails: an agent sees them all."""
    offered = price(cart, facts.terms)
    clauses = (
        *_about_the_person(facts),
        Clause(Refusal.VOUCHER_VOIDED, not facts.is_voided),
        Clause(Refusal.OFFER_PAUSED, facts.is_active),
        Clause(Refusal.NOT_YET_VALID, at >= facts.valid_from, facts.valid_from, at),
        Clause(Refusal.EXPIRED, at < facts.valid_until, facts.valid_until, at),
        *_about_uses(facts),
        _minimum(offered.total, facts.terms),
        Clause(Refusal.NO_DISCOUNT, offered.discount > 0),
    )
    return Decision(clauses, offered, facts.offer)


def refused(refusal: Refusal) -> Decision:
    return Decision((Clause(refusal, passed=False),))


def for_the_public(decision: Decision, *, is_owner: bool) -> Decision:
    """Return what anybody may be told: a stranger learns nothing about other people's codes.

    Unknown, disabled and other people's codes get one and the same answer.
    """
    failed = decision.failed
    if failed is None or (is_owner and failed.refusal != Refusal.OTHER_CUSTOMER):
        return decision
    hidden = {Refusal.OTHER_CUSTOMER, Refusal.VOUCHER_VOIDED, Refusal.OFFER_PAUSED}
    return refused(Refusal.INVALID_VOUCHER) if failed.refusal in hidden else decision


def _about_the_person(facts: Facts) -> tuple[Clause, ...]:
    clauses = []
    if facts.owner is not None:
        clauses.append(Clause(Refusal.OTHER_CUSTOMER, facts.customer == facts.owner))
    if facts.customer_use_limit is not None:
        # Nobody's uses cannot be counted.
        clauses.append(Clause(Refusal.CUSTOMER_NEEDED, facts.customer is not None))
    return tuple(clauses)


def _about_uses(facts: Facts) -> tuple[Clause, ...]:
    counts = (
        (Refusal.VOUCHER_USED_UP, facts.use_limit, facts.use_count),
        (Refusal.CUSTOMER_USED_UP, facts.customer_use_limit, facts.customer_use_count),
        (Refusal.OFFER_USED_UP, facts.offer_use_limit, facts.offer_use_count),
    )
    return tuple(
        Clause(refusal, count < limit, limit, count)
        for refusal, limit, count in counts
        if limit is not None
    )


def _minimum(total: Decimal, terms: Terms) -> Clause:
    needed = terms.minimum_order
    return Clause(Refusal.MINIMUM_NOT_REACHED, total >= needed, needed, total)
