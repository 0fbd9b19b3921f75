"""CPF and CNPJ, the numbers by which Brazil's revenue service knows people and companies."""

import re

# The last two characters are check digits; a CPF has nine before them, a CNPJ twelve.
CPF_LENGTH = 11
CNPJ_LENGTH = 14
PUNCTUATION = re.compile(r"[\s./-]+")
CPF = re.compile(r"[0-9]{11}")
# Letters since July 2026: Instrução Normativa RFB nº 2.229/2024.
CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
LARGEST_WEIGHT = {CPF_LENGTH: 11, CNPJ_LENGTH: 9}


def normal_tax_id(text: str) -> str | None:
    """Return the CPF or CNPJ without punctuation, '' for none, or None when it cannot be one."""
    plain = PUNCTUATION.sub("", text.upper())
    if not plain:
        return ""
    is_one = CPF.fullmatch(plain) or CNPJ.fullmatch(plain)
    # 111.111.111-11 has the right check digits, and nobody has it.
    if not is_one or len(set(plain)) == 1:
        return None
    return plain if plain.endswith(_check_digits(plain[:-2])) else None


def with_lost_zeros(text: str) -> str:
    """Give back the zeros in front that a spreadsheet took for nothing."""
    if not text.isascii() or not text.isdigit():
        return text
    return text.zfill(CPF_LENGTH if len(text) <= CPF_LENGTH else CNPJ_LENGTH)


def _check_digits(stem: str) -> str:
    """Return both check digits: weighted sums modulo 11.

    Weights grow from 2 at the right, for a CNPJ to 9 and then anew. A letter counts its ASCII
    code less 48, as a digit does (Receita Federal, Manual do cálculo do DV do CNPJ alfanumérico).
    """
    largest = LARGEST_WEIGHT[len(stem) + 2]
    digits = ""
    for _ in range(2):
        backwards = enumerate(reversed(stem + digits))
        total = sum((ord(c) - 48) * (2 + place % (largest - 1)) for place, c in backwards)
        digits += str(0 if total % 11 < 2 else 11 - total % 11)
    return digits


def written_tax_id(number: str) -> str:
    """Return the number as people write it: 529.982.247-25 or 12.ABC.345/01DE-35."""
    if len(number) == CPF_LENGTH:
        return f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"
    if len(number) == CNPJ_LENGTH:
        return f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}"
    return number


def masked_tax_id(number: str) -> str:
    """Return what a list may show: the middle of a person's number, all of a company's.

    So masks the government's own Portal da Transparência; a company's number is public.
    """
    written = written_tax_id(number)
    return f"***{written[3:11]}-**" if len(number) == CPF_LENGTH else written
