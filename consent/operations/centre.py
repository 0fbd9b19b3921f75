"""What a person chooses on their own page: each act whole, each felt at once."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from consent.enums import Act, ActorKind, Channel, LinkSource, PointKind
from consent.models import ConsentEvent, NoticeText, Purpose
from consent.operations.choices import record_choice
from consent.queries.centre import Answered, answered
from consent.rules.centre import Form, Scope, chosen, denial
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import hold


@transaction.atomic
def choose(
    customer: Customer,
    *,
    purpose: Purpose,
    form: Form,
    source: LinkSource,
    shown: NoticeText | None,
    at: datetime,
) -> list[ConsentEvent]:
    """Record what the person ticked and unticked for a purpose; the same form again does nothing.

    ``shown`` is the text that stood on the page. Raises what ``record_choice`` does.
    """
    customer = hold(customer)
    now = next((it for it in answered(customer, at=at) if it.purpose == purpose), None)
    if now is None:
        return []
    offered = form.offered & frozenset(now.offered(customer))
    change = chosen(Form(offered, form.shown, form.ticked), standing=now.standing)
    return [
        *_record(customer, now, change.denied, source=source, at=at),
        *_record(customer, now, change.given, source=source, act=Act.GIVEN, shown=shown, at=at),
    ]


@transaction.atomic
def stop_everything(customer: Customer, *, source: LinkSource, at: datetime) -> list[ConsentEvent]:
    """Take back all that is optional, and refuse every channel that nobody asked about yet.

    Orders and service go on: they rest on the contract. Doing so again changes nothing.
    """
    customer = hold(customer)
    return [
        event
        for now in answered(customer, at=at)
        if now.is_optional
        for event in _record(customer, now, _all_that_is_open(now), source=source, at=at)
    ]


def _all_that_is_open(now: Answered) -> frozenset[Scope]:
    silent = (it for it, says in now.answers.items() if it.channel and says is None)
    return now.standing | frozenset(silent)


def _record(
    customer: Customer,
    now: Answered,
    scopes: Collection[Scope],
    *,
    source: LinkSource,
    act: Act | None = None,
    shown: NoticeText | None = None,
    at: datetime,
) -> list[ConsentEvent]:
    """Record one act about these, or for each the word for its denial."""
    by_act: dict[Act, list[Scope]] = {}
    for scope in scopes:
        by_act.setdefault(act or _denial(now, scope), []).append(scope)
    return [
        event
        for word, about in by_act.items()
        for event in record_choice(
            customer,
            purpose=now.purpose,
            act=word,
            channels=[Channel(it.channel) for it in about if it.channel],
            categories=[Category(it.category) for it in about if it.category],
            collection_point=PointKind.PREFERENCE_CENTRE.value,
            actor_kind=ActorKind.SUBJECT,
            notice_text=shown,
            occurred_at=at,
            # The lock is ours: of the same moment there is no other.
            reference=f"centre:{source.value}:{customer.pk}:{now.purpose.pk}:{at.isoformat()}",
            at=at,
        )
    ]


def _denial(now: Answered, scope: Scope) -> Act:
    purpose = now.purpose
    return denial(purpose.basis, answer=now.answers[scope], needs_opt_in=purpose.needs_opt_in)
