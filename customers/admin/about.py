"""Rows that are about a customer lead to the page of that customer."""

from typing import Any

from django.contrib.admin import display
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.queries.pages import profile_url


def profile_link(customer: Customer | None) -> str:
    """Return a link that bears the customer's name; a dash for nobody, no link to the erased."""
    if customer is None:
        return "—"
    if customer.erased_at:
        return str(customer)
    return format_html('<a href="{}" class="link">{}</a>', profile_url(customer.pk), customer)


class AboutCustomer:
    """For lists and pages of rows that have a ``customer``."""

    @display(description=_("Customer"), ordering="customer")
    def show_customer(self, row: Any) -> str:
        return profile_link(row.customer)
