"""What people write back; words from Anatel's orders and the FCC's of 2024 (47 CFR 64.1200)."""

import pytest

from consent.enums import Meaning
from consent.rules.keywords import meaning, plain_words


@pytest.mark.parametrize(
    "text",
    [
        "SAIR",
        "  sair. ",
        "Pare!!!",
        "PARAR",
        "Cancelar",
        "chega 😡",
        "NÃO QUERO MAIS",
        "na\u0303o quero mais",
        "Descadastrar\n",
        "\uff33\uff34\uff2f\uff30",
        "S\u200btop.",
        "stopall",
        "quit",
        "END",
        "revoke",
        "opt-out",
        "Opt out",
        "optout",
        "cancel",
        "Unsubscribe",
    ],
)
def test_a_word_alone_stops_at_once(text):
    assert meaning(text) == Meaning.STOP


@pytest.mark.parametrize(
    "text",
    [
        "quero sair dessa lista",
        "por favor parem de me mandar mensagem",
        "não me mande mais nada",
        "me tira daí",
        "Please stop sending me this",
        "don\u2019t text me",
        "I want to opt out of this",
        "SAIR SAIR SAIR",
    ],
)
def test_a_sentence_that_may_mean_it_is_read_by_a_person(text):
    assert meaning(text) == Meaning.MAYBE_STOP


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("AJUDA", Meaning.HELP),
        ("help?", Meaning.HELP),
        ("Sim 👍", Meaning.YES),
        ("YES", Meaning.YES),
        ("", Meaning.OTHER),
        ("👍", Meaning.OTHER),
        ("Quando chega o meu pedido?", Meaning.MAYBE_STOP),
        ("Quero cancelar o pedido 123", Meaning.OTHER),
        ("vocês vendem café?", Meaning.OTHER),
        ("simples assim", Meaning.OTHER),
    ],
)
def test_other_words_mean_something_else(text, means):
    assert meaning(text) == means


def test_what_is_left_of_a_message_are_its_words():
    assert plain_words(" ¡Não  QUERO-mais!\n😡 ") == "nao quero mais"
