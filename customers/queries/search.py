"""Find anyone: by name, e-mail, phone in any notation, CPF, customer or order number."""

import unicodedata

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import BooleanField, Case, Func, Q, QuerySet, Subquery, Value, When

from customers.models import Customer, Erasure, Order
from customers.queries.identity import number_hash
from customers.rules import normal_email, normal_phone
from customers.rules.tax_ids import normal_tax_id

# With fewer hits than that, those that resemble the text are shown too.
ENOUGH = 5
# A share of common trigrams: "sousa" and "souza" have half of theirs in common.
ALIKE = 0.45
CANDIDATES = 2_000


def matching(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Narrow to the customers whom ``text`` may mean; every way of asking has its index.

    An exact e-mail, phone, CPF or CNPJ, customer or order number; otherwise every word is part of
    the name.
    """
    text = text.strip()
    exact = Q(external_id=text)
    if "@" in text:
        exact |= Q(email=normal_email(text))
        return customers.filter(exact | _merged_into(exact))
    if phone := normal_phone(text, country=settings.SHOP_COUNTRY):
        exact |= Q(phone=phone)
    if tax_id := normal_tax_id(text):
        exact |= Q(tax_id=tax_id)
    # An order has one customer: equality, unlike IN, lets the index of each condition be used.
    exact |= Q(pk=Subquery(Order.objects.filter(external_id=text).values("customer")))
    exact |= _merged_into(exact)
    if any(character.isdigit() for character in text):
        return customers.filter(exact)
    words = Q()
    for word in plain(text).split():
        words &= Q(plain_name__contains=word)
    return customers.filter(words)


def _merged_into(exact: Q) -> Q:
    """Find whoever a merged record, which the text means exactly, leads to."""
    losers = Customer.objects.filter(exact).exclude(merged_into=None)
    return Q(_OneOf("pk", ArraySubquery(losers.values("merged_into"))))


class _OneOf(Func):
    """Whether a value is in an array, which is read first: IN would look at every customer."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def find(text: str, *, limit: int = 8) -> list[Customer]:
    """Return the customers whom ``text`` may mean, by name; none for an empty text.

    Those whose name begins with it come first: whoever types Ana means no Adriana. Where fewer
    than five are meant exactly, those whose names resemble it follow.
    """
    if not text.strip():
        return []
    present = Customer.objects.present()
    begun = present.filter(plain_name__startswith=plain(text.strip()))
    first = list(begun.order_by("plain_name", "id")[:limit])
    rest = matching(present.exclude(pk__in=[customer.pk for customer in first]), text)
    meant = [*first, *rest.order_by("plain_name", "id")[: limit - len(first)]]
    if len(meant) >= ENOUGH:
        return meant
    others = resembling(present.exclude(pk__in=[customer.pk for customer in meant]), text)
    return [*meant, *others][:limit]


def meant_or_alike(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Narrow a list as ``find`` does: whom ``text`` means first, then whose names resemble it."""
    meant = matching(customers, text)
    some = list(meant.values_list("pk", flat=True)[:ENOUGH])
    if len(some) >= ENOUGH:
        return meant
    others = [customer.pk for customer in resembling(customers.exclude(pk__in=some), text)]
    meant_first = Case(When(pk__in=some, then=0), default=1)
    found = customers.filter(pk__in=[*some, *others])
    return found.order_by(meant_first, *customers.query.order_by)


def ids_called(text: str, most: int) -> list[int]:
    """Return whom a text means exactly, also who was erased since or merged away."""
    text = text.strip()
    people = matching(Customer.objects.all(), text).order_by("pk").values_list("pk", flat=True)
    ids = set(people[:most])
    ids |= set(Customer.objects.filter(external_id=text).values_list("pk", flat=True))
    erased = Erasure.objects.filter(number_hash=number_hash(text))
    return sorted(ids | set(erased.values_list("customer_id", flat=True)))


def orders_called(text: str, most: int) -> list[int]:
    found = Order.objects.filter(external_id=text.strip())
    return list(found.values_list("pk", flat=True)[:most])


@transaction.atomic
def resembling(customers: QuerySet[Customer], text: str, *, limit: int = 8) -> list[Customer]:
    """Return those whose names resemble every word of ``text``, the most alike first.

    Nobody resembles a number or an address.
    """
    words = plain(text).split()
    if not words or not all(word.isalpha() for word in words):
        return []
    with connection.cursor() as cursor:
        # The index knows the operator only, and the operator the threshold only from here.
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)]
        )
    alike = Q()
    for word in words:
        alike &= Q(plain_name__trigram_word_similar=word)
    # Sorting all that resemble a frequent name would take longer than anybody reads.
    some = customers.filter(alike).values("pk")[:CANDIDATES]
    likeness = sum((TrigramWordSimilarity(word, "plain_name") for word in words), Value(0.0))
    ranked = Customer.objects.filter(pk__in=some).order_by(-likeness, "plain_name", "id")
    return list(ranked[:limit])


def plain(text: str) -> str:
    """Return the text as ``plain_name`` is stored: lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
