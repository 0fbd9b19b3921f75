"""Links in messages: which are followed through us, and who only looks like a person."""

import re
from collections.abc import Callable
from html import escape, unescape

LINK = re.compile(r'(<a\s[^>]*?\bhref=")(https?://[^"{}]*)(")', re.IGNORECASE)
# Programs that open every link of a message, and say so.
AUTOMATIC = re.compile(
    r"bot\b|crawl|spider|scan|preview|monitor|proxy|fetch|headless|"
    r"^(curl|wget|python|java|go-http|okhttp|libwww|axios|node)",
    re.IGNORECASE,
)


def addresses_in(html: str) -> list[str]:
    """Return each web address that a link of the HTML leads to, once, in order."""
    return list(dict.fromkeys(unescape(match[2]) for match in LINK.finditer(html)))


def with_addresses(html: str, replacement: Callable[[str], str]) -> str:
    """Return the HTML with every link's address replaced."""

    def replaced(match: re.Match[str]) -> str:
        return match[1] + escape(replacement(unescape(match[2]))) + match[3]

    return LINK.sub(replaced, html)


def looks_automatic(user_agent: str) -> bool:
    """Say whether a visitor is plainly a program; no name at all is one."""
    return not user_agent or bool(AUTOMATIC.search(user_agent))
