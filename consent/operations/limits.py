"""How often somebody may do something on a public page: counted over all processes and hosts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.keys import keyed_hash
from consent.models import Tally

# Longer than any limit looks back.
KEPT_FOR = timedelta(days=2)


class TooOften(DomainError):
    code = "too_often"
    status = 429


@dataclass(frozen=True)
class Limit:
    """At most so many times within a while, which begins with the first.

    ``use`` tells limits apart.
    """

    use: str
    times: int
    within: timedelta


def count_once(limit: Limit, *, who: str, at: datetime) -> None:
    """Count that ``who`` (a link, an address, a place) does it once more. Raises TooOften."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO consent_tally AS known (who_hash, since, count)
            VALUES (%(who)s, %(at)s, 1)
            ON CONFLICT (who_hash) DO UPDATE SET
                since = CASE WHEN known.since <= %(over)s THEN excluded.since ELSE known.since END,
                count = CASE WHEN known.since <= %(over)s THEN 1 ELSE known.count + 1 END
            WHERE known.since <= %(over)s OR known.count < %(times)s
            """,
            {
                "who": keyed_hash(who, use=f"limit:{limit.use}"),
                "at": at,
                "over": at - limit.within,
                "times": limit.times,
            },
        )
        if cursor.rowcount == 0:
            raise TooOften(_("That was often in a short time. Please try again later."))


def forget_tallies(*, at: datetime) -> int:
    """Forget what no limit looks at any more; return how many."""
    deleted, _by_model = Tally.objects.filter(since__lt=at - KEPT_FOR).delete()
    return deleted
