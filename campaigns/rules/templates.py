"""Messages: Liquid in an MJML body, checked when saved so that sending meets no surprise.

Liquid is cut down to conditions and output: no loops, no assignments, no files, a handful of
filters. What could grow without bound is not there to be limited; the limits stand all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, Mode
from liquid.exceptions import LiquidError, UndefinedError
from liquid.undefined import FalsyStrictUndefined
from mjml import mjml2html

from campaigns.rules.variables import ADDRESSES, PREFERENCES, VARIABLES, WHY
from common.errors import DomainError

LONGEST_BODY = 100_000
LIQUID_TAGS = {"if", "unless", "case", "comment", "#"}
# What the parser itself calls plain text, output and unknown tags.
INNER_TAGS = {"content", "output", "illegal"}
FILTERS = {"default", "upcase", "downcase", "capitalize", "strip", "truncate"}

MJML_TAGS = frozenset(
    {
        "mjml", "mj-head", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-class",
        "mj-breakpoint", "mj-style", "mj-body", "mj-section", "mj-wrapper", "mj-group",
        "mj-column", "mj-hero", "mj-text", "mj-button", "mj-image", "mj-divider", "mj-spacer",
        "mj-table", "mj-raw", "mj-social", "mj-social-element", "mj-navbar", "mj-navbar-link",
        "mj-accordion", "mj-accordion-element", "mj-accordion-title", "mj-accordion-text",
    }
)  # fmt: skip
HTML_TAGS = frozenset(
    {
        "a", "b", "blockquote", "br", "center", "code", "div", "em", "h1", "h2", "h3", "h4",
        "h5", "h6", "hr", "i", "img", "li", "ol", "p", "small", "span", "strong", "sub", "sup",
        "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
    }
)  # fmt: skip
ADDRESS_ATTRIBUTES = {"href", "src", "background-url", "background", "action"}
LINKS = {f"{{{{{name}}}}}" for name in ADDRESSES}
SAFE_ADDRESSES = ("https://", "http://", "mailto:", "tel:", "#")


FOOTER = (
    '<div style="padding:16px;text-align:center;font:12px Helvetica,Arial,sans-serif">%s</div>'
)
# What every message leads to, by the variable of the address.
IN_EVERY_MESSAGE = {
    WHY: '<a href="{{ why_url }}">{{ why_question }}</a>',
    PREFERENCES: '<a href="{{ preferences_url }}">{{ preferences_words }}</a>',
}


class TemplateRefused(DomainError):
    code = "template_refused"
    status = 422


class MissingData(Exception):
    """The person lacks something that the message says without a default."""


@dataclass(frozen=True)
class Letter:
    """A message as one person gets it."""

    subject: str
    text: str
    html: str


class _Liquid(Environment):
    context_depth_limit = 10
    block_nesting_limit = 10
    loop_iteration_limit = 1_000
    local_namespace_limit = 100_000
    output_stream_limit = 500_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.tags = {
            name: tag for name, tag in self.tags.items() if name in LIQUID_TAGS | INNER_TAGS
        }
        self.filters = {name: self.filters[name] for name in FILTERS}


FOR_HTML = _Liquid(tolerance=Mode.STRICT, undefined=FalsyStrictUndefined, autoescape=True)
# A subject and a plain text are not HTML: an apostrophe stays one.
FOR_TEXT = _Liquid(tolerance=Mode.STRICT, undefined=FalsyStrictUndefined)


class CompiledMessage:
    """Subject and HTML, parsed once and filled in for many; the plain text comes from the HTML."""

    def __init__(self, *, subject: str, html: str) -> None:
        self._subject = FOR_TEXT.from_string(subject)
        self._html = FOR_HTML.from_string(html)
        self._text = FOR_TEXT.from_string(text_of(html))

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(
            name for part in (self._subject, self._html, self._text) for name in variables_of(part)
        )

    def fill(self, values: Mapping[str, Any]) -> Letter:
        """Write the message for one person; what the person lacks is left out of ``values``.

        Raises MissingData when the message says it without a default.
        """
        try:
            subject = self._subject.render(values)
            return Letter(
                subject=" ".join(subject.split()),
                text=self._text.render(values),
                html=self._html.render(values),
            )
        except UndefinedError as missing:
            raise MissingData(str(missing)) from missing


def compile_message(*, subject: str, body: str) -> CompiledMessage:
    """Check a message as somebody wrote it. Raises TemplateRefused; see ``html_of``."""
    html = html_of(body)
    for field, source, environment in (
        ("subject", subject, FOR_TEXT),
        ("body", html, FOR_HTML),
        ("body", text_of(html), FOR_TEXT),
    ):
        _refuse_unknown(_parsed(source, environment, field=field), field=field)
    return CompiledMessage(subject=subject, html=html)


def html_of(body: str) -> str:
    """Turn MJML into HTML, with its Liquid untouched. Raises TemplateRefused."""
    if len(body) > LONGEST_BODY:
        raise TemplateRefused(
            _("The body is longer than %(count)d characters.") % {"count": LONGEST_BODY},
            field="body",
        )
    _SourceCheck().check(body)
    try:
        # Without our own list the compiler would fetch fonts from another company.
        html = mjml2html(body, fonts={}, disable_comments=False)
    except ValueError as wrong:
        raise TemplateRefused(
            _("The MJML cannot be read: %(reason)s.") % {"reason": wrong}, field="body"
        ) from wrong
    written, kept = (
        variables_of(_parsed(source, FOR_HTML, field="body")) for source in (body, html)
    )
    if lost := sorted(written - kept):
        raise TemplateRefused(
            _("“%(name)s” stands where no text can stand.") % {"name": lost[0]}, field="body"
        )
    return html


def with_ways(html: str) -> str:
    """Return the HTML with the links that every message has, where it lacks them.

    They lead to the page that says why, and to the preference centre.
    """
    known = variables_of(FOR_HTML.from_string(html))
    missing = [link for name, link in IN_EVERY_MESSAGE.items() if name not in known]
    if not missing:
        return html
    footer = FOOTER % " · ".join(missing)
    before, end, after = html.rpartition("</body>")
    return before + footer + end + after if end else html + footer


def variables_of(template: BoundTemplate) -> set[str]:
    """Return what the template reads, conditions included: ``customer.first_name``."""
    found = template.analyze(include_partials=False).globals
    return {str(variable) for variables in found.values() for variable in variables}


def _parsed(source: str, environment: Environment, *, field: str) -> BoundTemplate:
    try:
        return environment.from_string(source)
    except LiquidError as wrong:
        raise TemplateRefused(
            _("The Liquid cannot be read: %(reason)s.") % {"reason": str(wrong).splitlines()[0]},
            field=field,
        ) from wrong


def _refuse_unknown(template: BoundTemplate, *, field: str) -> None:
    for name in sorted(variables_of(template) - set(VARIABLES)):
        raise TemplateRefused(
            _("There is no variable “%(name)s”; the list beside the template has all.")
            % {"name": name},
            field=field,
        )
    for name in sorted(set(template.analyze(include_partials=False).filters) - FILTERS):
        raise TemplateRefused(
            _("There is no filter “%(name)s”; there are %(filters)s.")
            % {"name": name, "filters": ", ".join(sorted(FILTERS))},
            field=field,
        )


class _SourceCheck(HTMLParser):
    """Refuses what the compiler would silently pass on or drop, with the line where it stands."""

    def check(self, body: str) -> None:
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in MJML_TAGS and tag not in HTML_TAGS:
            self._refuse(_("<%(tag)s> is not allowed") % {"tag": tag})
        for name, value in attrs:
            self._check_attribute(name, value or "")

    def _check_attribute(self, name: str, value: str) -> None:
        if name.startswith("on"):
            self._refuse(_("the attribute %(name)s is not allowed") % {"name": name})
        address = "".join(value.split())
        if name == "href" and address in LINKS:
            return
        if "{{" in value or "{%" in value:
            # A name in an address would tell it to whoever runs the address.
            self._refuse(
                _(
                    "inside a tag only unsubscribe_url, why_url and preferences_url may stand,"
                    " as links"
                )
            )
        if name in ADDRESS_ATTRIBUTES and not address.lower().startswith(SAFE_ADDRESSES):
            self._refuse(
                _("the address “%(address)s” does not begin with https://") % {"address": value}
            )

    def _refuse(self, reason: str) -> None:
        raise TemplateRefused(
            _("Line %(line)d: %(reason)s.") % {"line": self.getpos()[0], "reason": reason},
            field="body",
        )


def text_of(html: str) -> str:
    """Return the message for readers without HTML: its words, and links as their addresses."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(filter(None, (paragraph.strip() for paragraph in paragraphs))) + "\n"


class _Reader(HTMLParser):
    LINES = {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table"}
    UNREAD = {"head", "style", "title", "script"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unread = 0
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.UNREAD:
            self._unread += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in self.LINES:
            self.parts.append("\n\n")
        elif tag == "a":
            self._address = dict(attrs).get("href") or ""
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.UNREAD:
            self._unread -= 1
        elif tag in self.LINES:
            self.parts.append("\n\n")
        elif tag == "a" and self._address:
            self.parts.append(f" ( {self._address} )")
            self._address = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(data.replace("\n", " "))
