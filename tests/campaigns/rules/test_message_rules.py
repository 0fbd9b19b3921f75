import pytest

from campaigns.rules.templates import (
    LONGEST_BODY,
    MissingData,
    TemplateRefused,
    compile_message,
    html_of,
)
from campaigns.rules.variables import categories_of, needs_offer
from customers.enums import Category
from tests.factories import in_mjml


def test_message_is_filled_in_for_one_person():
    message = compile_message(
        subject="Só hoje, {{ customer.first_name }}",
        body=in_mjml('<p>Olá!</p><a href="https://shop.example/?a=1&amp;b=2">Ver</a>'),
    )

    letter = message.fill({"customer": {"first_name": "D'Ávila"}})

    assert letter.subject == "Só hoje, D'Ávila"
    assert letter.text == "Olá!\n\nVer ( https://shop.example/?a=1&b=2 )\n"
    assert '<a href="https://shop.example/?a=1&amp;b=2">Ver</a>' in letter.html


def test_message_escapes_what_a_customer_is_called_in_html_alone():
    message = compile_message(subject="a", body=in_mjml("{{ customer.first_name }}"))

    letter = message.fill({"customer": {"first_name": "<script>{{ shop.name }}"}})

    assert "&lt;script&gt;{{ shop.name }}" in letter.html
    assert letter.text == "<script>{{ shop.name }}\n"


def test_subject_stays_on_one_line():
    message = compile_message(subject="Hi {{ customer.first_name }}", body=in_mjml("a"))

    letter = message.fill({"customer": {"first_name": "Ana\r\nBcc: all@clientela.example"}})

    assert letter.subject == "Hi Ana Bcc: all@clientela.example"


def test_message_is_never_half_empty():
    message = compile_message(subject="a", body=in_mjml("Em {{ customer.city }}"))

    with pytest.raises(MissingData):
        message.fill({"customer": {"first_name": "Ana"}})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{{ customer.city | default: "sua cidade" }}', "sua cidade\n"),
        ("a{% if customer.city %} em {{ customer.city }}{% endif %}", "a\n"),
        ('{% if customer.city == "Recife" %}praia{% else %}serra{% endif %}', "serra\n"),
    ],
)
def test_message_may_say_what_to_do_without_data(text, says):
    message = compile_message(subject="a", body=in_mjml(text))

    assert message.fill({"customer": {}}).text == says


def test_message_knows_which_data_it_uses_conditions_included():
    message = compile_message(
        subject="{{ shop.name }}",
        body=in_mjml('{% if customer.city == "Recife" %}{{ voucher.code }}{% endif %}'),
    )

    assert message.variables == {"shop.name", "customer.city", "voucher.code"}
    assert categories_of(message.variables) == {Category.DEMOGRAPHIC}
    assert needs_offer(message.variables)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ customer }}",
        "{{ customer.delete }}",
        "{{ customer.first_name.__class__ }}",
        "{{ customer[shop.name] }}",
        "{{ settings.SECRET_KEY }}",
        "&#123;&#123; settings.SECRET_KEY }}",
        "{% for a in (1..1000000000) %}{% for b in (1..1000000000) %}x{% endfor %}{% endfor %}",
        "{% tablerow a in (1..1000000000) %}x{% endtablerow %}",
        "{% assign a = shop.name %}",
        "{% capture a %}x{% endcapture %}",
        "{% increment a %}",
        "{% include '/etc/passwd' %}",
        "{% render '/etc/passwd' %}",
        "{% liquid echo settings %}",
        "{{ 'x' | replace: 'x', 'xxxxxxxxxxxxxxxx' }}",
        "{{ 'x' | append: 'x' }}",
        "{{ '<b>' | safe }}",
        "{{ 'now' | date: '%Y' }}",
        "{{ shop.name",
        "{% if shop.name %}",
        "{% if shop.name %}" * 3000 + "{% endif %}" * 3000,
        "{{ shop.nmae }}",
        "<script>alert(1)</script>",
        "<iframe src='https://evil.example'></iframe>",
        "<form action='https://evil.example'></form>",
        '<p onclick="alert(1)">a</p>',
        '<a href="javascript:alert(1)">a</a>',
        '<a href=" java\tscript:alert(1)">a</a>',
        '<a href="https://shop.example/?name={{ customer.first_name }}">a</a>',
        '<img src="https://evil.example/{{ customer.first_name }}.png" />',
        '<p style="background: url({{ customer.city }})">a</p>',
        "<mj-include path='/etc/passwd' />",
        "<mj-html>a</mj-html>",
        "<mj-txt>a</mj-txt>",
        "<p>not closed",
        "a" * LONGEST_BODY,
    ],
)
def test_template_is_refused_when_saved(attack):
    with pytest.raises(TemplateRefused) as refused:
        compile_message(subject="a", body=in_mjml(attack))

    assert refused.value.field == "body"


def test_template_is_refused_with_the_line_that_is_wrong():
    with pytest.raises(TemplateRefused, match=r"Line 3: <mj-txt> is not allowed\."):
        html_of("<mjml><mj-body>\n<mj-section>\n<mj-txt></mj-txt></mj-section></mj-body></mjml>")


def test_subject_is_checked_like_the_body():
    with pytest.raises(TemplateRefused) as refused:
        compile_message(subject="{{ customer.email }}", body=in_mjml("a"))

    assert refused.value.field == "subject"


def test_a_range_is_never_counted_out():
    message = compile_message(subject="a", body=in_mjml("{{ (1..99999999999) }}"))

    assert message.fill({}).text == "1..99999999999\n"


def test_html_asks_no_other_company_for_fonts():
    assert "googleapis" not in html_of(in_mjml("a"))
