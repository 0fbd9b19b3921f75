from django.conf import settings

from common.enums import Language
from customers.models import Customer


def language_of(customer: Customer) -> Language:
    """Return the language we write to the customer in: theirs, or else that of the shop."""
    written = customer.language.lower()
    if written.startswith("pt"):
        return Language.PORTUGUESE
    if written.startswith("en") or settings.SHOP_COUNTRY != "BR":
        return Language.ENGLISH
    return Language.PORTUGUESE
