import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.codes import (
    ALPHABET,
    check_symbol,
    is_mistyped,
    new_code,
    normal_code,
    readable,
)


def test_new_codes_are_normal_complete_and_different():
    codes = {new_code() for _ in range(1000)}

    assert len(codes) == 1000
    assert all(normal_code(code) == code and not is_mistyped(code) for code in codes)
    assert {len(code) for code in codes} == {14}


@pytest.mark.parametrize(
    "typed",
    [
        "7K2MP-9Q4T-01XY8",
        "7k2mp9q4t01xy8",
        " 7K2MP 9Q4T oIxy8 ",
        "7K2MP\u20139Q4T\u2013OLXY8",
        "\uff17\uff2b2MP9Q4T01XY8",
    ],
)
def test_code_is_found_however_it_is_typed(typed):
    assert normal_code(typed) == "7K2MP9Q4T01XY8"


def test_readable_code_reads_back():
    code = new_code()

    assert normal_code(readable(code)) == code


symbols = st.text(ALPHABET, min_size=13, max_size=13)
law = settings(derandomize=True, deadline=None)


@law
@given(symbols, st.integers(0, 13), st.sampled_from(ALPHABET))
def test_every_single_wrong_symbol_is_noticed(symbols, place, wrong):
    code = symbols + check_symbol(symbols)
    typed = code[:place] + wrong + code[place + 1 :]

    assert is_mistyped(typed) == (typed != code)


@pytest.mark.parametrize("foreign", ["", "NATAL10", "7K2MP9Q4T01XY", "7K2MP9Q4T01XYU"])
def test_codes_of_another_make_are_not_called_mistyped(foreign):
    assert not is_mistyped(foreign)
