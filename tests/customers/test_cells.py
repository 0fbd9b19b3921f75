from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from customers.enums import CellType
from customers.rules import PLAIN_MOBILE
from customers.rules.cells import (
    Unreadable,
    column_reader,
    read_date,
    read_email,
    read_moment,
    read_number,
    read_phone,
    read_words,
    reader,
)
from customers.rules.files import Column, FileKind, suggested_mapping

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567,00", "1234567.00"),
        ("0", "0"),
        ("+7", "7"),
    ],
)
def test_numbers_are_read_with_either_decimal_mark(text, number):
    assert read_number(text, places=2, digits=12) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.234.567", "not_number"),
        ("1.234", "too_precise"),
        ("1e5", "not_number"),
        ("NaN", "not_number"),
        ("Infinity", "not_number"),
        ("1_000", "not_number"),
        ("\u0661", "not_number"),
        ("12 reais", "not_number"),
        ("-1", "negative"),
        ("1000000000000", "too_large"),
    ],
)
def test_what_is_no_plain_number_is_refused(text, reason):
    with pytest.raises(Unreadable) as refused:
        read_number(text, places=2, digits=12)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-31 23:59:58-03:00", "2026-12-31T23:59:58-03:00"),
        ("2026-12-31T23:59:58Z", "2026-12-31T23:59:58+00:00"),
        ("2026-12-31", "2026-12-31T00:00:00-03:00"),
        ("31/12/2026", "2026-12-31T00:00:00-03:00"),
        ("1/2/2026 9:05", "2026-02-01T09:05:00-03:00"),
    ],
)
def test_moments_without_an_offset_are_the_shops(text, moment):
    assert read_moment(text, zone=SAO_PAULO) == moment


@pytest.mark.parametrize("text", ["31/02/2026", "12/31/2026", "yesterday", "0001-01-01", "2026"])
def test_a_day_that_never_was_is_refused(text):
    with pytest.raises(Unreadable):
        read_date(text)


@pytest.mark.parametrize("text", ["ana", "ana@mail", "ana@@mail.example", "a b@mail.example", "@"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Unreadable):
        read_email(text)


def test_addresses_are_read_as_they_are_kept():
    assert read_email(" ANA@Café.example") == "ana@xn--caf-dma.example"
    assert read_phone("(11) 98765-4321", country="BR") == "+5511987654321"
    assert read_words('chá | "a" |café|') == '{"chá","\\"a\\"","café"}'


@pytest.mark.parametrize("number", ["987654321", "900000000", "999999999"])
def test_what_is_plainly_a_brazilian_mobile_is_one(number):
    texts = [f"+55{area}{number}" for area in range(10, 100)]
    plain = [text for text in texts if PLAIN_MOBILE.fullmatch(text)]

    assert len(plain) == 67
    assert [as_the_library_says(text) for text in plain] == plain


def as_the_library_says(text):
    number = phonenumbers.parse(text)
    return phonenumbers.is_valid_number(number) and phonenumbers.format_number(
        number, phonenumbers.PhoneNumberFormat.E164
    )


def test_a_spreadsheets_apostrophe_is_taken_off():
    read = reader(Column("name", "name"), zone=SAO_PAULO, country="BR")

    assert read("'=1+1") == "=1+1"
    assert read("'tis") == "'tis"
    assert read("  ") == ""


def test_headers_are_understood_with_accents_capitals_and_in_portuguese():
    kind = FileKind(
        code="people",
        label="People",
        columns=(
            Column("email", "e-mail", CellType.EMAIL, also=("correio_eletronico",)),
            Column("name", "name", also=("nome",)),
        ),
        key=("email",),
        units="",
        write=lambda chunk: None,
        extra="Keep",
    )

    header = ["Correio Eletrônico", "NOME ", "E-mail", "Idade (anos)", "rejected_line", ""]

    assert suggested_mapping(header, kind) == {
        "Correio Eletrônico": "email",
        "NOME ": "name",
        "Idade (anos)": "extra.idade_anos",
    }


CELLS = {
    CellType.EMAIL: (" Ana@Mail.example", "joão@pão.example", "'=x@y.example", "no", "", "a@b"),
    CellType.PHONE: ("+5511987654321", "(11) 98765-4321", "12", "", "+551198765432 1"),
    CellType.MONEY: ("12.50", "1.234,50", "-1", "007", "1.234", "", "9" * 13),
    CellType.NUMBER: ("1.5", "0,333", "x", "1.2345", ""),
    CellType.DATE: ("31/12/2026", "2026-02-30", "2026-02-28", ""),
    CellType.TEXT: (" text ", "'=1", "long" * 60, "", "'tis"),
    CellType.WORDS: ("a|b", 'say "x"', "", "x" * 65),
    CellType.TAGS: ("B| a ", "a|A", "", "x" * 41),
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_glance_at_a_column_reads_what_a_look_at_each_cell_reads(kind):
    column = Column("name", "name", kind)
    at_a_glance = column_reader(column, zone=SAO_PAULO, country="BR")
    one_by_one: list[str] = []
    unreadable = []
    for place, cell in enumerate(CELLS[kind]):
        try:
            one_by_one.append(reader(column, zone=SAO_PAULO, country="BR")(cell))
        except Unreadable:
            one_by_one.append("")
            unreadable.append(place)

    values, missing = at_a_glance(CELLS[kind])

    assert missing == unreadable
    for place, value in enumerate(values):
        if kind in (CellType.MONEY, CellType.NUMBER) and value and place not in missing:
            assert Decimal(value) == Decimal(one_by_one[place])
        elif place not in missing:
            assert value == one_by_one[place]
