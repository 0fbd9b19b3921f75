from decimal import Decimal

import pytest
from django.utils.translation import override

from common.templatetags.clientela import money, whole


@pytest.mark.parametrize(
    ("amount", "language", "written"),
    [
        (Decimal("1234.5"), "en", "R$\u00a01,234.50"),
        (Decimal("1234.5"), "pt-br", "R$\u00a01.234,50"),
        ("12", "en", "R$\u00a012.00"),
        (-3.456, "en", "\u2212R$\u00a03.46"),
        (0, "en", "R$\u00a00.00"),
        (None, "en", ""),
        ("", "en", ""),
    ],
)
def test_money_is_written_in_the_readers_language(amount, language, written):
    with override(language):
        assert money(amount) == written


def test_whole_numbers_are_grouped():
    with override("pt-br"):
        assert whole(1234567) == "1.234.567"
