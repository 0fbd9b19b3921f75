import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.enums import AttributeType, Category
from customers.rules.attributes import (
    Attribute,
    alike,
    as_text,
    fragment_reader,
    guessed_type,
    is_word,
    read_json,
    read_text,
    shown,
)
from customers.rules.cells import Unreadable

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
WORDS = ("gold", "Prata", "São João")


def attribute(type_, *, choices=()):
    return Attribute("fact", "Fact", AttributeType(type_), Category.DEMOGRAPHIC, choices)


CHOICE = attribute("choice", choices=WORDS)
LIST = attribute("list", choices=WORDS)


@pytest.mark.parametrize(
    ("of", "text", "value"),
    [
        (attribute("text"), "  Ana & co ", "Ana & co"),
        (attribute("number"), "1.234,5", 1234.5),
        (attribute("number"), "-7", -7),
        (attribute("number"), "38", 38),
        (attribute("money"), "1.234,50", 1234.5),
        (attribute("date"), "31/12/2026", "2026-12-31"),
        (attribute("date"), "2026-12-31", "2026-12-31"),
        (attribute("moment"), "31/12/2026 23:59", "2027-01-01T02:59:00+00:00"),
        (attribute("moment"), "2026-12-31T23:59:00Z", "2026-12-31T23:59:00+00:00"),
        (attribute("boolean"), "Sim", True),
        (attribute("boolean"), "não", False),
        (CHOICE, "GOLD", "gold"),
        (CHOICE, "sao joao", "São João"),
        (attribute("list"), "tea|coffee| tea ", ["tea", "coffee"]),
        (attribute("list"), "tea\nblack coffee", ["tea", "black coffee"]),
        (LIST, "prata|Gold", ["Prata", "gold"]),
        (LIST, " | ", None),
        (attribute("number"), "  ", None),
    ],
)
def test_what_people_write_becomes_one_form(of, text, value):
    assert read_text(of, text, zone=SAO_PAULO) == value


@pytest.mark.parametrize(
    ("of", "text", "sentence"),
    [
        (attribute("number"), "big", "This is not a number such as 1.234,50 or 1234.50."),
        (attribute("number"), "9" * 13, "The number is too large."),
        (attribute("money"), "1,999", "The number has too many digits behind the decimal mark."),
        (attribute("date"), "31/02/2026", "This is not a date such as 31/12/2026 or 2026-12-31."),
        (
            attribute("moment"),
            "9999-12-31T23:59:00-03:00",
            "This is not a date and time such as 31/12/2026 23:59.",
        ),
        (attribute("boolean"), "perhaps", "This is neither yes nor no."),
        (CHOICE, "bronze", "This is not one of: gold, Prata, São João."),
        (LIST, "gold|bronze", "This is not one of: gold, Prata, São João."),
        (
            attribute("list"),
            "|".join(map(str, range(51))),
            "The list is too long: it holds at most 50.",
        ),
        (attribute("text"), "x" * 1001, "The text is too long for this field."),
    ],
)
def test_what_is_of_another_type_is_refused_in_words(of, text, sentence):
    with pytest.raises(Unreadable) as refused:
        read_text(of, text, zone=SAO_PAULO)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("of", "told", "value"),
    [
        (attribute("text"), "tea", "tea"),
        (attribute("number"), 38, 38),
        (attribute("number"), 38.0, 38),
        (attribute("money"), "12.50", 12.5),
        (attribute("boolean"), False, False),
        (attribute("list"), ["tea", "tea"], ["tea"]),
        (attribute("list"), [], None),
        (attribute("date"), "2026-12-31", "2026-12-31"),
        (attribute("date"), None, None),
        (attribute("text"), "", None),
    ],
)
def test_what_programs_tell_becomes_the_same_form(of, told, value):
    assert read_json(of, told, zone=SAO_PAULO) == value


@pytest.mark.parametrize(
    ("of", "told", "reason"),
    [
        (attribute("text"), 5, "not_a_text"),
        (attribute("text"), {"a": 1}, "not_a_text"),
        (attribute("number"), True, "not_number"),
        (attribute("number"), float("nan"), "not_number"),
        (attribute("number"), [1], "not_number"),
        (attribute("date"), 20261231, "not_date"),
        (attribute("moment"), 0, "not_moment"),
        (attribute("boolean"), "yes", "not_yes_or_no"),
        (attribute("boolean"), 1, "not_yes_or_no"),
        (CHOICE, ["gold"], "not_a_text"),
        (attribute("list"), "tea", "not_a_list"),
        (attribute("list"), ["tea", 1], "not_a_list"),
        (attribute("list"), ["tea|coffee"], "not_text"),
        (attribute("text"), "a\0b", "not_text"),
    ],
)
def test_programs_must_tell_the_type_itself(of, told, reason):
    with pytest.raises(Unreadable) as refused:
        read_json(of, told, zone=SAO_PAULO)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("of", "value", "english", "portuguese"),
    [
        (attribute("text"), "tea", "tea", "tea"),
        (attribute("number"), 1234.5, "1,234.5", "1.234,5"),
        (attribute("money"), 1234.5, "R$\u00a01,234.50", "R$\u00a01.234,50"),
        (attribute("date"), "2026-12-31", "12/31/2026", "31/12/2026"),
        (
            attribute("moment"),
            "2027-01-01T02:59:00+00:00",
            "12/31/2026 11:59 p.m.",
            "31/12/2026 23:59",
        ),
        (attribute("boolean"), True, "Yes", "Sim"),
        (attribute("boolean"), False, "No", "Não"),
        (CHOICE, "gold", "gold", "gold"),
        (LIST, ["gold", "Prata"], "gold, Prata", "gold, Prata"),
    ],
)
def test_values_are_shown_in_the_readers_language(of, value, english, portuguese):
    assert shown(of, value) == english
    with translation.override("pt-br"):
        assert shown(of, value) == portuguese


# What is kept is written and read back without a loss, whatever it is and whoever reads it.

text = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60
)
words = st.text(st.characters(categories=["L", "N", "Zs", "P"]), min_size=1, max_size=20)
GIVEN = {
    "text": text,
    "number": st.decimals(-999_999_999_999, 999_999_999_999, places=3).map(str),
    "money": st.decimals(-999_999_999_999, 999_999_999_999, places=2).map(str),
    "date": st.dates(date(1900, 1, 1)).map(str),
    "moment": st.integers(-2_208_980_000, 250_000_000_000).map(
        lambda seconds: str(datetime.fromtimestamp(seconds, UTC))
    ),
    "boolean": st.sampled_from(["true", "false"]),
    "choice": st.sampled_from(WORDS),
    "list": st.lists(words, max_size=5).map("|".join),
}


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("type_", GIVEN)
def test_what_is_kept_is_written_and_read_back(type_, language):
    of = attribute(type_, choices=WORDS if type_ == "choice" else ())

    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(told=GIVEN[type_])
    def law(told):
        value = read_text(of, told, zone=SAO_PAULO)
        if value is None:
            return
        with translation.override(language):
            assert read_text(of, as_text(of, value, zone=SAO_PAULO), zone=SAO_PAULO) == value
            assert shown(of, value)
        # Through JSON and back, as the database and the API carry it.
        carried = json.loads(json.dumps(value))
        assert carried == value
        assert read_json(of, carried, zone=SAO_PAULO) == value
        # A file's cell says the same, but that "'=1" is a spreadsheet's way to write "=1".
        if not told.strip().startswith("'"):
            piece = fragment_reader(of, zone=SAO_PAULO).read(told)
            assert json.loads(f"{{{piece}}}") == {"fact": value}

    law()


def test_a_column_of_a_file_becomes_pieces_of_json():
    read = fragment_reader(attribute("number"), zone=SAO_PAULO)

    assert read([" 038 ", "", "'-1,5", "big", "7"]) == (
        ['"fact":38', "", '"fact":-1.5', "big", '"fact":7'],
        [3],
    )


@pytest.mark.parametrize(
    ("samples", "guess"),
    [
        (["38", "40", ""], "number"),
        (["0,5", "12"], "number"),
        (["01310-100", "04567-000"], "text"),
        (["00123", "00456"], "text"),
        (["sim", "não"], "boolean"),
        (["31/12/2026", "2026-12-30"], "date"),
        (["31/12/2026 10:30", "2026-12-30T10:00:00Z"], "moment"),
        (["gold", "12"], "text"),
        (["", ""], "text"),
    ],
)
def test_a_type_is_guessed_from_samples(samples, guess):
    assert guessed_type(samples, zone=SAO_PAULO) == guess


@pytest.mark.parametrize("word", ["", "a|b", 'the "best"', "back\\slash", "two\nlines", "x" * 65])
def test_what_would_need_quoting_is_no_word(word):
    assert not is_word(word)


def test_words_that_a_reader_takes_for_each_other_are_found():
    assert alike(["Gold", "Silver", "gold "]) == "gold "
    assert alike(["Gold", "Silver", "★", "☆"]) is None
