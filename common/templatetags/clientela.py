"""How amounts and points are written in every page and message."""

from decimal import Decimal

from django import template
from django.conf import settings
from django.utils.formats import number_format

from common.operations import in_words

register = template.Library()
register.filter(in_words)

SYMBOLS = {"BRL": "R$", "EUR": "€", "GBP": "£", "USD": "$"}


def currency() -> str:
    """Return how the shop's currency is written before an amount."""
    return SYMBOLS.get(settings.CURRENCY, settings.CURRENCY)


@register.filter
def money(amount: Decimal | str | float | None) -> str:
    """Write an amount in the shop's currency and the reader's language; '' for none."""
    if amount is None or amount == "":
        return ""
    value = round(Decimal(str(amount)), 2)
    number = number_format(abs(value), decimal_pos=2, use_l10n=True, force_grouping=True)
    minus = "\u2212" if value < 0 else ""
    # A no-break space keeps the symbol with its number.
    return f"{minus}{currency()}\u00a0{number}"


@register.filter
def whole(number: float | None) -> str:
    """Write a whole number with the reader's thousands separators; '' for none."""
    if number is None:
        return ""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


@register.filter
def whole_number(number: float) -> int:
    """Round for a sentence that counts, and to no less than 1."""
    return max(round(number), 1)


@register.filter
def percent(share: float | None) -> str:
    """Write a share from 0 to 1 in whole percent, a small one as "< 1 %"; '' for none."""
    if share is None:
        return ""
    if 0 < share < 0.01:
        return "<\u00a01\u00a0%"
    return f"{number_format(share * 100, decimal_pos=0, use_l10n=True)}\u00a0%"


@register.filter
def hex(digest: bytes | memoryview | None) -> str:  # noqa: A001 -- the name in templates
    """Write a digest as people compare it; '' for none."""
    return bytes(digest).hex() if digest else ""


@register.filter
def quantity(number: Decimal | None) -> str:
    """Write a quantity with no more digits than it has; '' for none."""
    if number is None:
        return ""
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return number_format(number, decimal_pos=places, use_l10n=True, force_grouping=True)


@register.simple_tag
def shop_name() -> str:
    return settings.SHOP_NAME


@register.simple_tag
def shop_has_logo() -> bool:
    return bool(settings.SHOP_LOGO)
