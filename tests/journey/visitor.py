"""Somebody with a browser that runs no scripts, and a program of the shop with its key.

Both go through real HTTP: what they see is what was sent, and they can press only what is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

Fields = Mapping[str, Any]
ICON = "material-symbols-outlined"
UNSEEN = {"script", "style", "template", "title"}
VOID = {"input", "br", "hr", "img", "link", "meta", "source", "wbr", "area", "base", "col"}


@dataclass
class Button:
    name: str
    value: str
    label: str = ""
    # The id of the form that it sends, where it stands outside.
    form: str = ""


@dataclass
class Option:
    value: str
    is_selected: bool
    label: str = ""


@dataclass
class Form:
    """``filled`` is what a browser would send, in order; ``names`` are of all its fields.

    ``options`` are the values of each list of choices, by their labels.
    """

    action: str = ""
    method: str = "get"
    id: str = ""
    filled: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def fill(self, name: str, *values: str) -> None:
        if name:
            self.names.add(name)
            self.filled += [(name, value) for value in values]


class Page(HTMLParser):
    """What came back: its visible ``text``, its ``forms``, and where its ``links`` lead."""

    def __init__(self, visitor: "Visitor", response: requests.Response) -> None:
        super().__init__()
        self.visitor, self.response = visitor, response
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._words: list[str] = []
        # The elements around the parser's place, and whether each hides what is in it.
        self._around: list[tuple[str, bool]] = []
        # Has what stands outside of every form.
        self._nowhere = self._form = Form()
        self._link: tuple[str, list[str]] | None = None
        self._button: Button | None = None
        self._textarea: tuple[str, list[str]] | None = None
        self._select = ""
        self._options: list[Option] = []
        self._is_multiple = False
        self.feed(response.text)
        self.text = _joined(self._words)

    @property
    def path(self) -> str:
        return urlsplit(self.response.url).path

    @property
    def number(self) -> int:
        """Return the id of the record that the page is about."""
        return next(int(part) for part in self.path.split("/") if part.isdigit())

    def press(
        self, label: str, fields: Fields | None = None, *, files: Fields | None = None
    ) -> "Page":
        """Fill in the form that has the button, press it, and return where that leads."""
        form, button = self._find(label)
        changed = dict(fields or {})
        # Nobody fills in a field that is not there.
        assert changed.keys() <= form.names, f"{changed.keys() - form.names} not in {form.names}"
        sent = [(name, value) for name, value in form.filled if name not in changed]
        for name, value in changed.items():
            sent += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if button.name:
            sent.append((button.name, button.value))
        address = urljoin(self.response.url, form.action)
        return self.visitor.request(form.method, address, data=sent, files=files)

    def option(self, name: str, label: str) -> str:
        """Return the value that stands for a choice of a list."""
        (form,) = [form for form in self.forms if name in form.options]
        return form.options[name][label]

    def follow(self, label: str) -> "Page":
        return self.visitor.request("get", urljoin(self.response.url, self.links[label]))

    def _find(self, label: str) -> tuple[Form, Button]:
        for around in (*self.forms, self._nowhere):
            for button in around.buttons:
                if button.label == label:
                    named = (form for form in self.forms if form.id == button.form)
                    return (next(named) if button.form else around), button
        raise AssertionError(f"no button {label!r} on {self.path}: {self.text}")

    # What HTMLParser finds

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            # An icon's name is drawn, not read.
            hides = tag in UNSEEN or ICON in found.get("class", "")
            self._around.append((tag, hides))
        match tag:
            case "form":
                self._form = Form(
                    found.get("action", ""), found.get("method", "get"), found.get("id", "")
                )
                self.forms.append(self._form)
            case "a":
                self._link = (found.get("href", ""), [])
            case "input":
                self._input(found)
            case "textarea":
                self._textarea = (found.get("name", ""), [])
            case "select":
                self._select, self._options = found.get("name", ""), []
                self._is_multiple = "multiple" in found
            case "option":
                self._options.append(Option(found.get("value", ""), "selected" in found))
            case "button" if found.get("type", "submit") == "submit":
                self._button = Button(
                    found.get("name", ""), found.get("value", ""), form=found.get("form", "")
                )
                self._form.buttons.append(self._button)

    def handle_endtag(self, tag: str) -> None:
        # What was left open ends with what is around it.
        while self._around and self._around.pop()[0] != tag:
            pass
        match tag:
            case "form":
                self._form = self._nowhere
            case "a" if self._link:
                self.links.setdefault(_joined(self._link[1]), self._link[0])
                self._link = None
            case "textarea" if self._textarea:
                # A browser drops the line break behind the tag.
                name, words = self._textarea
                self._form.fill(name, "".join(words).removeprefix("\n"))
                self._textarea = None
            case "select":
                self._close_select()
            case "button" if self._button:
                self._button.label = _joined([self._button.label])
                self._button = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._textarea[1].append(data)
        elif self._around[-1:] == [("option", False)]:
            self._options[-1].label += data
        elif not any(hides for _tag, hides in self._around):
            self._words.append(data)
            if self._link:
                self._link[1].append(data)
            if self._button:
                self._button.label += data

    def _input(self, found: dict[str, str]) -> None:
        kind, name = found.get("type", "text"), found.get("name", "")
        value = found.get("value", "")
        match kind:
            case "submit":
                self._form.buttons.append(Button(name, value, label=value))
            case "checkbox" | "radio":
                self._form.fill(name, *([value or "on"] if "checked" in found else []))
            case "file" | "button":
                pass
            case _ if "disabled" not in found:
                self._form.fill(name, value)

    def _close_select(self) -> None:
        chosen = [option.value for option in self._options if option.is_selected]
        if not chosen and not self._is_multiple:
            # Without a choice a browser sends the first.
            chosen = [option.value for option in self._options[:1]]
        self._form.fill(self._select, *chosen)
        self._form.options[self._select] = {
            _joined([option.label]): option.value for option in self._options
        }


def _joined(words: Iterable[str]) -> str:
    return " ".join(" ".join(words).split())


class Visitor:
    """A browser with its cookies, at one address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "en"

    def open(self, path: str) -> Page:
        return self.request("get", urljoin(self.address, path))

    def sign_in(self, username: str) -> "Visitor":
        """Sign in as somebody whom ``tests.factories`` made."""
        page = self.open("/admin/login/")
        page = page.press("Log in", {"username": username, "password": "secret"})
        assert page.path == "/admin/"
        return self

    def request(self, method: str, url: str, **content: Any) -> Page:
        return Page(self, self.session.request(method, url, timeout=30, **content))

    def ask(self, path: str, body: Any) -> Any:
        """Post JSON as a script of the page would, and return the JSON of the answer."""
        headers = {"X-CSRFToken": self.session.cookies["csrftoken"]}
        url = urljoin(self.address, path)
        answer = self.session.post(url, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json()


@dataclass(frozen=True)
class Program:
    """The shop's own software: it has a key and speaks JSON."""

    address: str
    credential: str

    def get(self, path: str, **query: str) -> Any:
        answer = requests.get(
            f"{self.address}/api/v1/{path}", params=query, headers=self._headers(), timeout=30
        )
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, body: Any, *, key: str = "") -> requests.Response:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return requests.post(
            f"{self.address}/api/v1/{path}", json=body, headers=headers, timeout=60
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credential}", "Accept-Language": "en"}
