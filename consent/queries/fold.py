"""What consent events add up to, in SQL: the same as ``consent.rules.standing``."""

from consent.enums import Act, Channel
from consent.models import ALWAYS
from consent.rules import DENIALS, ENDS, GRANTS
from customers.enums import Category

_SCOPES = [
    *((f"channel_{value}", "channel", value) for value in Channel.values),
    *((f"data_{value}", "category", value) for value in Category.values),
]
ANSWERS = tuple(name for name, _kind, _value in _SCOPES)


def _one_of(acts: frozenset[Act]) -> str:
    return f"act IN ({', '.join(repr(act.value) for act in sorted(acts))})"


def _folded(name: str, kind: str, value: str) -> str:
    return f"bool_or(says) FILTER (WHERE {kind} = '{value}') AS {name}"


# Each customer, purpose and scope: the events in the order recorded. A grant counts that was made
# no earlier than the last denial or end before it; what counts last decides. ``{customers}`` is
# a condition on customer_id. ``granted_id`` is the event that a standing yes rests on.
SCOPES = f"""
    event AS (
        SELECT customer_id, purpose_id, channel, category, id, occurred_at, valid_until,
               {_one_of(GRANTS)} AS grants, {_one_of(DENIALS)} AS denies,
               {_one_of(DENIALS | ENDS)} AS bars
        FROM consent_consentevent
        WHERE {{customers}}
    ), weighed AS (
        SELECT *, grants AND occurred_at >= coalesce(
                   max(occurred_at) FILTER (WHERE bars) OVER (
                       PARTITION BY customer_id, purpose_id, channel, category ORDER BY id
                   ), '-infinity') AS counts,
               max(id) FILTER (WHERE bars) OVER (
                   PARTITION BY customer_id, purpose_id, channel, category
               ) AS barred_id
        FROM event
    ), scope AS (
        SELECT customer_id, purpose_id, channel, category, max(id) AS last_event_id,
               max(id) FILTER (WHERE counts AND id > coalesce(barred_id, 0)) AS granted_id,
               CASE
                   WHEN bool_or(counts AND id > coalesce(barred_id, 0)) THEN true
                   WHEN max(id) FILTER (WHERE denies)
                        > coalesce(max(id) FILTER (WHERE counts), 0) THEN false
               END AS says,
               max(coalesce(valid_until, '{ALWAYS:%Y-%m-%d}'))
                   FILTER (WHERE counts AND id > coalesce(barred_id, 0)) AS valid_until
        FROM weighed
        GROUP BY customer_id, purpose_id, channel, category
    )
"""  # noqa: S608 -- names and values come from our own enums

FOLD = f"""
    WITH {SCOPES}
    SELECT customer_id, purpose_id, max(last_event_id) AS last_event_id,
           coalesce(min(valid_until), '{ALWAYS:%Y-%m-%d}') AS valid_until,
           {", ".join(_folded(*scope) for scope in _SCOPES)}
    FROM scope
    GROUP BY customer_id, purpose_id
"""  # noqa: S608 -- as above
