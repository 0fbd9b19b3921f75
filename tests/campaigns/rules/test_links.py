import pytest

from campaigns.rules.links import addresses_in, looks_automatic, with_addresses

HTML = (
    '<a class="x" href="https://shop.example/?a=1&amp;b=2">A</a>'
    '<a href="https://shop.example/?a=1&amp;b=2">again</a>'
    '<a href="{{ unsubscribe_url }}">out</a><a href="mailto:shop@shop.example">write</a>'
    '<img src="https://shop.example/logo.png">'
)


def test_each_web_address_is_found_once():
    assert addresses_in(HTML) == ["https://shop.example/?a=1&b=2"]


def test_links_and_nothing_else_are_replaced():
    replaced = with_addresses(HTML, lambda address: "{{ links.n1 }}")

    assert replaced.count('href="{{ links.n1 }}"') == 2
    assert addresses_in(replaced) == []
    assert '<a href="{{ unsubscribe_url }}">' in replaced
    assert '<img src="https://shop.example/logo.png">' in replaced


@pytest.mark.parametrize(
    ("user_agent", "automatic"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15", False),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36", False),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", True),
        ("Mozilla/5.0 GoogleImageProxy", True),
        ("Barracuda Sentinel link scanner", True),
        ("python-requests/2.32", True),
        ("", True),
    ],
)
def test_programs_are_told_from_people_by_what_they_say(user_agent, automatic):
    assert looks_automatic(user_agent) is automatic
