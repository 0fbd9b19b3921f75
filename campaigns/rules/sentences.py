"""Offers and decisions in the words of whoever reads them."""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.enums import Effect, Refusal
from campaigns.rules.decisions import Clause, Decision, Value
from campaigns.rules.pricing import Terms
from common.templatetags.clientela import money

# For each refusal: what an agent reads, and what a customer reads.
REFUSALS: dict[Refusal, tuple[str | Promise, str | Promise]] = {
    Refusal.INVALID_VOUCHER: (
        gettext_lazy("No voucher has this code."),
        gettext_lazy("This code is not valid."),
    ),
    Refusal.MISTYPED_CODE: (
        gettext_lazy("No voucher can have this code: it was mistyped."),
        gettext_lazy("Please check the code: something was mistyped."),
    ),
    Refusal.OTHER_CUSTOMER: (
        gettext_lazy("The voucher belongs to another customer."),
        gettext_lazy("This code is not valid."),
    ),
    Refusal.CUSTOMER_NEEDED: (
        gettext_lazy("The offer counts uses per customer, and no customer was given."),
        gettext_lazy("Sign in to use this voucher."),
    ),
    Refusal.VOUCHER_VOIDED: (
        gettext_lazy("The voucher was voided."),
        gettext_lazy("This voucher was withdrawn."),
    ),
    Refusal.OFFER_PAUSED: (
        gettext_lazy("The offer is not active."),
        gettext_lazy("This offer is not active at the moment."),
    ),
    Refusal.NOT_YET_VALID: (
        gettext_lazy("The voucher is valid from %(needed)s."),
        gettext_lazy("This voucher is valid from %(needed)s."),
    ),
    Refusal.EXPIRED: (
        gettext_lazy("The voucher was valid until %(needed)s."),
        gettext_lazy("This voucher was valid until %(needed)s."),
    ),
    Refusal.VOUCHER_USED_UP: (
        gettext_lazy("Uses allowed of this voucher: %(needed)s; so far: %(actual)s."),
        gettext_lazy("This voucher has already been used."),
    ),
    Refusal.CUSTOMER_USED_UP: (
        gettext_lazy("Uses allowed per customer: %(needed)s; this one so far: %(actual)s."),
        gettext_lazy("You have already used this offer."),
    ),
    Refusal.OFFER_USED_UP: (
        gettext_lazy("Uses allowed of the whole offer: %(needed)s; so far: %(actual)s."),
        gettext_lazy("This offer has been used up."),
    ),
    Refusal.MINIMUM_NOT_REACHED: (
        gettext_lazy("The minimum is %(needed)s, the cart has %(actual)s; add %(missing)s."),
        gettext_lazy("For orders from %(needed)s: add %(missing)s to use this voucher."),
    ),
    Refusal.NO_DISCOUNT: (
        gettext_lazy("The voucher takes nothing off this cart, so it is kept."),
        gettext_lazy("This voucher takes nothing off this order; keep it for another."),
    ),
    Refusal.ALREADY_ON_ORDER: (
        gettext_lazy("The voucher is already redeemed on this order."),
        gettext_lazy("This voucher is already on the order."),
    ),
}


def for_agent(decision: Decision, *, zone: tzinfo) -> list[str]:
    """Return a sentence for everything that stands in the way, the deciding one first."""
    return [
        _filled(REFUSALS[clause.refusal][0], clause, zone)
        for clause in decision.clauses
        if not clause.passed
    ]


def for_customer(decision: Decision, *, zone: tzinfo) -> str:
    """Return one sentence that may be shown to whoever typed the code."""
    failed = decision.failed
    if failed:
        return _filled(REFUSALS[failed.refusal][1], failed, zone)
    discount = decision.price.discount if decision.price else Decimal(0)
    return _("You save %(discount)s.") % {"discount": money(discount)}


def offer_sentence(
    terms: Terms, *, valid_days: int, per_customer_limit: int | None, total_limit: int | None
) -> str:
    """Return the offer as a marketer would say it: "20% off, at most 50.00, …"."""
    parts = [_effect(terms)]
    if terms.effect == Effect.PERCENT and terms.cap is not None:
        parts.append(_("at most %(cap)s") % {"cap": money(terms.cap)})
    if terms.minimum_order > 0:
        parts.append(_("orders from %(minimum)s") % {"minimum": money(terms.minimum_order)})
    parts.append(ngettext("%(days)d day", "%(days)d days", valid_days) % {"days": valid_days})
    if per_customer_limit is not None:
        parts.append(_times_per_customer(per_customer_limit))
    if total_limit is not None:
        uses = ngettext("%(uses)d use in total", "%(uses)d uses in total", total_limit)
        parts.append(uses % {"uses": total_limit})
    return ", ".join(parts)


def _effect(terms: Terms) -> str:
    if terms.effect == Effect.AMOUNT:
        return _("%(amount)s off") % {"amount": money(terms.amount)}
    percent = number_format(f"{terms.percent.normalize():f}", use_l10n=True)
    return _("%(percent)s %% off") % {"percent": percent}


def _times_per_customer(limit: int) -> str:
    if limit == 1:
        return _("once per customer")
    return _("%(limit)d times per customer") % {"limit": limit}


def _filled(sentence: str | Promise, clause: Clause, zone: tzinfo) -> str:
    needed = clause.needed
    if clause.refusal == Refusal.EXPIRED and isinstance(needed, datetime):
        # It ends at midnight: its last day is the one before.
        needed -= timedelta(microseconds=1)
    return str(sentence) % {
        "needed": _said(needed, zone),
        "actual": _said(clause.actual, zone),
        "missing": _said(clause.missing, zone),
    }


def _said(value: Value, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return date_format(value.astimezone(zone), "SHORT_DATE_FORMAT")
    return money(value) if isinstance(value, Decimal) else str(value)
