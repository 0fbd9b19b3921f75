from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.enums import Effect
from campaigns.rules.pricing import Article, CartLine, Price, Terms, price

TWENTY_OFF = Terms(Effect.PERCENT, percent=Decimal(20), cap=Decimal("50.00"))


def line(sku, unit_price, quantity=1):
    return CartLine(sku, Decimal(quantity), Decimal(unit_price))


def test_percent_is_taken_off_and_spread_by_value():
    cart = [line("coffee", "30.00", 2), line("bread", "40.00")]

    priced = price(cart, TWENTY_OFF)

    assert priced == Price(
        total=Decimal("100.00"),
        discount=Decimal("20.00"),
        articles=(
            Article("bread", Decimal("40.00"), Decimal("8.00")),
            Article("coffee", Decimal("60.00"), Decimal("12.00")),
        ),
    )


def test_header_is_rounded_once_and_the_lines_follow():
    """Saleor's test of the trap: line by line, ten per cent of this cart would be 1.04."""
    cart = [line("a", "1.06"), line("b", "2.06"), line("c", "3.06"), line("d", "4.06")]

    priced = price(cart, Terms(Effect.PERCENT, percent=Decimal(10)))

    assert priced.discount == Decimal("1.02")
    assert [str(article.discount) for article in priced.articles] == [
        "0.11",
        "0.21",
        "0.30",
        "0.40",
    ]


def test_returned_article_is_worth_its_price_after_discount():
    """PrestaShop 18319: of 150 + 60 with 20 % off, returning the first gives back 120, not 108."""
    priced = price(
        [line("first", "150"), line("second", "60")], Terms(Effect.PERCENT, Decimal(20))
    )

    returned = priced.articles[0]

    assert returned.total - returned.discount == Decimal("120.00")


@pytest.mark.parametrize(
    ("terms", "discount"),
    [
        (Terms(Effect.PERCENT, percent=Decimal(20)), "80.00"),
        (TWENTY_OFF, "50.00"),
        (Terms(Effect.AMOUNT, amount=Decimal("15.00")), "15.00"),
        (Terms(Effect.AMOUNT, amount=Decimal("1000.00")), "400.00"),
        (Terms(Effect.PERCENT, percent=Decimal(100)), "400.00"),
    ],
)
def test_discount_on_a_cart_of_400(terms, discount):
    assert price([line("wine", "400.00")], terms).discount == Decimal(discount)


def test_empty_cart_costs_nothing_and_saves_nothing():
    assert price([], TWENTY_OFF) == Price(Decimal(0), Decimal(0), ())


cents = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)
lines = st.builds(
    CartLine,
    sku=st.sampled_from("abcde"),
    quantity=st.integers(1, 9_999).map(lambda grams: Decimal(grams) / 1000),
    unit_price=cents,
)
carts = st.lists(lines, max_size=8)
terms = st.builds(
    Terms,
    effect=st.sampled_from(Effect),
    percent=st.integers(1, 10_000).map(lambda basis: Decimal(basis) / 100),
    amount=cents,
    cap=st.none() | cents,
)
law = settings(derandomize=True, deadline=None)


@law
@given(carts, terms)
def test_articles_add_up_to_the_header(cart, terms):
    priced = price(cart, terms)

    assert sum(article.total for article in priced.articles) == priced.total
    assert sum(article.discount for article in priced.articles) == priced.discount


@law
@given(carts, terms)
def test_no_article_gets_more_than_it_costs_and_no_cent_is_split(cart, terms):
    for article in price(cart, terms).articles:
        assert 0 <= article.discount <= article.total
        assert article.discount == article.discount.quantize(Decimal("0.01"))


@law
@given(carts, terms)
def test_cap_is_respected(cart, terms):
    priced = price(cart, terms)

    assert terms.effect == Effect.AMOUNT or terms.cap is None or priced.discount <= terms.cap


@law
@given(carts, terms, st.randoms(use_true_random=False), st.data())
def test_price_does_not_depend_on_how_lines_are_split_or_ordered(cart, terms, random, data):
    split = []
    for whole in cart:
        part = Decimal(data.draw(st.integers(0, int(whole.quantity * 1000)))) / 1000
        split += [
            CartLine(whole.sku, part, whole.unit_price),
            CartLine(whole.sku, whole.quantity - part, whole.unit_price),
        ]
    random.shuffle(split)

    assert price(split, terms) == price(cart, terms)
