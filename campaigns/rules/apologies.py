"""Which apologies need a second person."""

from decimal import Decimal

# A day's vouchers of one agent add up to at most twelve times the single limit: 600 for 50, so
# that nobody splits a large gift into many small ones.
LIMITS_A_DAY = 12

# From here on the agent sees a warning: the customer may be asking around, or badly served.
MANY = 3
MANY_WITHIN_DAYS = 90


def needs_second_person(*, amount: Decimal, limit: Decimal, given_today: Decimal) -> bool:
    """Judge by the agent's own limit and by what they gave today without asking."""
    return amount > limit or given_today + amount > LIMITS_A_DAY * limit
