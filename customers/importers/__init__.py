"""The kinds of file about people and what they bought."""

from customers.importers.events import EVENTS
from customers.importers.goods import CARTS, ORDERS, PRODUCTS
from customers.importers.people import CASES, CUSTOMERS

FILE_KINDS = [CUSTOMERS, PRODUCTS, ORDERS, CARTS, CASES, EVENTS]
