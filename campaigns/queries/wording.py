"""What the variables of a message stand for, person by person."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.models import Offer, Voucher
from campaigns.queries.vouchers import code_of
from campaigns.rules.templates import CompiledMessage
from campaigns.rules.variables import VARIABLES
from common.enums import Language
from consent.enums import LegalBasis
from consent.models import Purpose
from customers.models import Customer
from customers.queries.languages import language_of

FIELDS = [name.partition(".")[2] for name in VARIABLES if name.startswith("customer.")]
SAMPLE_CODE = "0ABCD-EFGH-JKMNP"


@lru_cache(maxsize=16)
def compiled(subject: str, html: str) -> CompiledMessage:
    """Return a message ready to be filled in; a campaign's is made once for all its people."""
    return CompiledMessage(subject=subject, html=html)


class Wording:
    """The words of one purpose and one offer; what is the same for many is made once."""

    def __init__(self, *, purpose: Purpose, offer: Offer | None) -> None:
        self._purpose = purpose
        self._offer = offer

    def values(
        self,
        customer: Customer,
        *,
        voucher: Voucher | None,
        unsubscribe_url: str,
        why_url: str,
        preferences_url: str,
        links: Mapping[str, str],
    ) -> dict[str, Any]:
        """Return a value for each variable; what the person lacks is left out."""
        language = language_of(customer)
        return {
            **self._shared[language],
            "customer": {field: value for field in FIELDS if (value := getattr(customer, field))},
            "voucher": _voucher(voucher, language) if voucher else {},
            "unsubscribe_url": unsubscribe_url,
            "why_url": why_url,
            "preferences_url": preferences_url,
            "links": links,
        }

    def sample(self, customer: Customer) -> dict[str, Any]:
        """Return values to look at: the person is real, voucher and addresses are not."""
        values = self.values(
            customer,
            voucher=None,
            unsubscribe_url=f"{settings.PUBLIC_URL}/u/test",
            why_url=f"{settings.PUBLIC_URL}/w/test",
            preferences_url=f"{settings.PUBLIC_URL}/p/test",
            links={},
        )
        with translation.override(language_of(customer)):
            offer = values["offer"] or {"name": _("Your offer"), "summary": _("20 % off")}
            voucher = {"code": SAMPLE_CODE, "valid_until": _("the last day")}
        return {**values, "offer": offer, "voucher": voucher}

    @cached_property
    def _shared(self) -> dict[Language, dict[str, Any]]:
        shared = {}
        for language in Language:
            with translation.override(language):
                offer = self._offer
                shared[language] = {
                    "shop": {"name": settings.SHOP_NAME},
                    "offer": {"name": str(offer), "summary": offer.sentence} if offer else {},
                    "why": why(self._purpose),
                    "why_question": _("Why did I get this?"),
                    "preferences_words": _("Your choices"),
                }
        return shared


def why(purpose: Purpose) -> str:
    """Return why somebody is written to, in one sentence."""
    if purpose.basis == LegalBasis.CONSENT:
        sentence = _("You get this e-mail because you gave %(shop)s your permission: %(purpose)s.")
    else:
        sentence = _("You get this e-mail as a customer of %(shop)s: %(purpose)s.")
    return sentence % {"shop": settings.SHOP_NAME, "purpose": purpose}


def _voucher(voucher: Voucher, language: Language) -> dict[str, str]:
    with translation.override(language):
        last_day = date_format(voucher.last_day, "DATE_FORMAT")
    return {"code": code_of(voucher), "valid_until": last_day}
