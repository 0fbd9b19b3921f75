"""What somebody means who writes back to us: to stop, to be helped, yes, or something else."""

import re
import unicodedata

from consent.enums import Meaning

# Alone in a message these stop us at once. SAIR is the word that Anatel made operators teach; the
# English ones are revocations by themselves under the FCC's order of 2024 (47 CFR 64.1200(a)(10)).
STOP = frozenset(
    {
        *("sair", "pare", "parar", "cancelar", "cancela", "remover", "descadastrar", "chega"),
        *("nao quero mais", "stop", "stopall", "quit", "end", "revoke", "opt out", "optout"),
        *("cancel", "unsubscribe"),
    }
)
HELP = frozenset({"ajuda", "help", "info"})
YES = frozenset({"sim", "yes", "aceito", "start"})

# Within a sentence these may mean it: somebody reads it, and nothing is sent meanwhile. Words that
# people use for orders as well ("cancelar", "end", "info") are left out; "stop sending" is in.
PHRASES = (
    *("sair", "pare", "parem", "parar", "chega", "descadastr", "remov", "nao quero", "nao mande"),
    *("nao envie", "nao me mand", "nao me envi", "me tir", "stop", "unsubscribe", "opt out"),
    *("no more", "do not send", "dont send", "do not text", "dont text", "remove me", "revoke"),
)


def plain_words(text: str) -> str:
    """Return the words alone: ``"¡Não QUERO mais! 😡"`` says ``nao quero mais``.

    NFKC, case-folded, without accents, punctuation and emoji, one space between words.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # An apostrophe joins a word, and so does what cannot be seen; whatever else parts two.
    letters = unicodedata.normalize("NFKD", re.sub("['\u2019\u00b4`]", "", folded))
    kept = (it for it in letters if unicodedata.category(it) not in ("Mn", "Cf"))
    return " ".join(re.findall(r"[^\W_]+", "".join(kept)))


def meaning(text: str) -> Meaning:
    """Say what a message means; what only may mean stop is ``MAYBE_STOP``.

    >>> meaning("SAIR!"), meaning("quero sair dessa lista")
    (Meaning.STOP, Meaning.MAYBE_STOP)
    """
    words = plain_words(text)
    if words in STOP:
        return Meaning.STOP
    if words in HELP:
        return Meaning.HELP
    if words in YES:
        return Meaning.YES
    return Meaning.MAYBE_STOP if _may_mean_stop(words) else Meaning.OTHER


def _may_mean_stop(words: str) -> bool:
    # From the beginning of a word on: "remov" is in "remover", "end" would be in "vende".
    return any(f" {phrase}" in f" {words}" for phrase in PHRASES)
