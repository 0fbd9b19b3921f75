"""Two ways of working, which count what they cost: by mouse, and by keyboard alone.

What a person types into a field is the same for both and is not counted.
"""

from abc import ABC, abstractmethod

from playwright.sync_api import Page, expect

MOST_STEPS = 80
SEARCH = "[x-ref=searchInputCommand]"
FOUND = "#command-results-list li"


class Hand(ABC):
    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    @abstractmethod
    def open(self, title: str, path: str) -> None:
        """Go to one of the pages of the sidebar."""

    @abstractmethod
    def start(self, title: str, path: str) -> None:
        """Begin something that the first page offers."""

    @abstractmethod
    def press(self, selector: str, *, to: str = "") -> None:
        """Follow a link or press a button; ``to`` is a pattern of the address it leads to."""

    @abstractmethod
    def find(self, text: str, *, to: str) -> None:
        """Open the first thing that the search finds."""

    @abstractmethod
    def write(self, selector: str, text: str) -> None: ...

    @abstractmethod
    def choose(self, selector: str, label: str) -> None: ...

    @abstractmethod
    def pick(self, selector: str, words: str) -> None:
        """Open a list that is searched, and take the first that it finds."""

    @abstractmethod
    def tick(self, selector: str) -> None: ...

    @abstractmethod
    def send(self, button: str, *, to: str = "") -> None:
        """Send the form in whose field the person is."""

    def has_focus(self, selector: str) -> bool:
        return self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector)

    def arrive(self, pattern: str) -> None:
        if pattern:
            self.page.wait_for_url(pattern)


class Mouse(Hand):
    def open(self, title: str, path: str) -> None:
        self.press(f"#nav-sidebar a[href='{path}']", to=f"**{path}")

    def start(self, title: str, path: str) -> None:
        self.press(f"main a[href='{path}']", to=f"**{path}")

    def press(self, selector: str, *, to: str = "") -> None:
        self.page.locator(selector).first.click()
        self.count += 1
        self.arrive(to)

    def find(self, text: str, *, to: str) -> None:
        self.press(".find")
        expect(self.page.locator(SEARCH)).to_be_focused()
        self.page.keyboard.type(text)
        self.press(f"{FOUND} a", to=to)

    def write(self, selector: str, text: str) -> None:
        if not self.has_focus(selector):
            self.press(selector)
        self.page.keyboard.type(text)

    def choose(self, selector: str, label: str) -> None:
        # Open the list, click the choice.
        self.page.locator(selector).select_option(label=label)
        self.count += 2

    def pick(self, selector: str, words: str) -> None:
        self.press(selector)
        self.page.keyboard.type(words)
        self.press("[role=option]")

    def tick(self, selector: str) -> None:
        self.page.locator(selector).check()
        self.count += 1

    def send(self, button: str, *, to: str = "") -> None:
        self.press(button, to=to)


class Keyboard(Hand):
    def open(self, title: str, path: str) -> None:
        self.find(title, to=f"**{path}")

    def start(self, title: str, path: str) -> None:
        self.find(title, to=f"**{path}")

    def press(self, selector: str, *, to: str = "") -> None:
        self.go_to(selector)
        self.key("Enter")
        self.arrive(to)

    def find(self, text: str, *, to: str) -> None:
        self.key("Control+k")
        expect(self.page.locator(SEARCH)).to_be_focused()
        self.page.keyboard.type(text)
        expect(self.page.locator(FOUND).first).to_be_visible()
        self.key("Enter")
        self.arrive(to)

    def write(self, selector: str, text: str) -> None:
        self.go_to(selector)
        self.page.keyboard.type(text)

    def choose(self, selector: str, label: str) -> None:
        self.go_to(selector)
        chosen = self.page.locator(selector).locator("option:checked")
        # A list follows the first letters of its choices.
        for letter in label:
            if chosen.inner_text() == label:
                return
            self.key(letter)
        expect(chosen).to_have_text(label)

    def pick(self, selector: str, words: str) -> None:
        self.go_to(selector)
        self.key("Enter")
        self.page.keyboard.type(words)
        self.key("Enter")

    def tick(self, selector: str) -> None:
        self.go_to(selector)
        self.key("Space")

    def send(self, button: str, *, to: str = "") -> None:
        self.key("Enter")
        self.arrive(to)

    def go_to(self, selector: str, *, by: str = "Tab") -> None:
        # Nobody presses a key on the way to what is not drawn yet.
        expect(self.page.locator(selector).first).to_be_visible()
        if self.has_focus("body"):
            self.enter()
        for _ in range(MOST_STEPS):
            if self.has_focus(selector):
                return
            self.key(by)
        raise AssertionError(f"{MOST_STEPS} steps do not reach {selector}")

    def enter(self) -> None:
        """Begin on a page: in the field that asks for the focus, or past the navigation."""
        # On a busy machine the browser gives the focus a while after the page is there.
        if (first := self.page.locator("[autofocus]:visible")).count():
            expect(first).to_be_focused()
            return
        self.key("Tab")
        expect(self.page.locator(".skip-link")).to_be_focused()
        self.key("Enter")

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)
        self.count += 1
