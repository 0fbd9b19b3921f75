"""Whether a customer still buys as often as they used to."""

from dataclasses import dataclass

from customers.enums import Pace

# A gap of the length of the usual one half again is chance; three times is a habit that broke.
LATE, OVERDUE = 1.5, 3.0


@dataclass(frozen=True)
class Habit:
    """How many days usually pass between orders, and how many have passed since the last."""

    usual_days: float
    days_since: float

    @property
    def pace(self) -> Pace:
        # Several orders on one day do not make a daily customer.
        gaps = self.days_since / max(self.usual_days, 1)
        if gaps <= LATE:
            return Pace.ON_TIME
        return Pace.LATE if gaps <= OVERDUE else Pace.OVERDUE
