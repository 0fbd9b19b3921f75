"""What a message may say: every word has its permission, and is said only where that stands."""

from typing import Any

import pytest
from django.core import mail
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.operations.launching import launch
from campaigns.operations.planning import CampaignNotReady
from campaigns.operations.sending import send_until_dry
from campaigns.operations.templates import save_template
from campaigns.rules.templates import TemplateRefused
from campaigns.rules.variables import VARIABLES, Variable, categories_of
from consent.enums import Act, Channel
from consent.models import Purpose
from customers.enums import Category
from customers.models import Customer
from customers.rules import FIELD_CATALOGUE
from tests.factories import (
    NOW,
    allow,
    in_mjml,
    make_campaign,
    make_choice,
    make_customer,
    make_segment,
    make_template,
)

# They tell of the shop, the offer or the message, and nothing of the person.
IMPERSONAL = {
    *("voucher.code", "voucher.valid_until", "offer.name", "offer.summary"),
    *(
        "shop.name",
        "why",
        "why_url",
        "why_question",
        "unsubscribe_url",
        "preferences_url",
        "preferences_words",
    ),
}


def test_every_variable_stands_in_the_catalogue_with_its_category():
    categories = {name: variable.category for name, variable in VARIABLES.items()}

    catalogued = {name: FIELD_CATALOGUE.get(name) for name in categories}
    assert {name for name, category in categories.items() if not category} == IMPERSONAL
    assert categories == catalogued


FIELDS = {
    name.partition(".")[2]: variable.category
    for name, variable in VARIABLES.items()
    if variable.category
}
ANSWERS = st.fixed_dictionaries(
    {
        category: st.sampled_from([Act.GIVEN, Act.REFUSED, None])
        for category in set(FIELDS.values())
    }
)


class Words(TestCase):
    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(
        people=st.lists(ANSWERS, min_size=1, max_size=4),
        said=st.sets(st.sampled_from(sorted(FIELDS)), min_size=1),
    )
    def test_a_message_says_only_what_its_reader_permits(self, people, said):
        readers = {}
        for number, answers in enumerate(people):
            facts: dict[str, Any] = {field: f"{field}-{number}" for field in FIELDS}
            reader = make_customer(**facts)
            # The segment asks what people buy.
            make_choice(reader, channels=[Channel.EMAIL], categories=[Category.PURCHASE])
            for category, act in answers.items():
                if act:
                    make_choice(reader, act=act, categories=[category])
            readers[reader.email] = {it for it, act in answers.items() if act == Act.GIVEN}
        words = " ".join(f"{{{{ customer.{field} }}}}" for field in sorted(said))
        segment = make_segment(*_customers(readers))
        launch(make_campaign(segment=segment, template=make_template(words)), at=NOW)
        mail.outbox.clear()

        send_until_dry(clock=lambda: NOW)

        needed = categories_of(f"customer.{field}" for field in said)
        written_to = {letter.to[0] for letter in mail.outbox}
        assert written_to == {it for it, permitted in readers.items() if needed <= permitted}


def _customers(readers):
    return Customer.objects.filter(email__in=readers)


@pytest.fixture
def sensitive_word(monkeypatch) -> str:
    """Let messages say the gender, as a shop that takes it for sensitive would have it."""
    name = "customer.gender"
    monkeypatch.setitem(VARIABLES, name, Variable(name, "Gender", Category.SENSITIVE))
    return f"{{{{ {name} | default: '' }}}}"


@pytest.mark.django_db
def test_what_is_sensitive_is_refused_while_nobody_allowed_it(sensitive_word):
    with pytest.raises(TemplateRefused, match=r"“customer.gender” is sensitive") as refused:
        make_template(sensitive_word)

    assert refused.value.field == "body"


@pytest.mark.django_db
def test_what_is_sensitive_goes_to_whoever_allowed_it_and_to_nobody_else(sensitive_word):
    ordinary = tuple(set(Category) - {Category.SENSITIVE})
    everything, all_but_that = allow(make_customer()), allow(make_customer(), using=ordinary)
    template = make_template(sensitive_word)

    campaign = launch(make_campaign(everything, all_but_that, template=template), at=NOW)

    assert dict(campaign.messages.values_list("customer", "outcome")) == {
        everything.pk: "will_send",
        all_but_that.pk: "data_not_asked",
    }


@pytest.mark.django_db
def test_what_is_sensitive_needs_a_purpose_that_rests_on_consent(sensitive_word):
    person = allow(make_customer())
    contract = Purpose.objects.get(pk="transactional")
    make_choice(person, purpose=contract.pk, categories=[Category.SENSITIVE])
    segment = make_segment(person, purpose=contract)
    campaign = make_campaign(segment=segment, template=make_template(sensitive_word))

    with pytest.raises(CampaignNotReady, match="only for a purpose that rests on consent"):
        launch(campaign, at=NOW)


@pytest.mark.django_db
def test_a_saved_template_that_became_sensitive_is_not_sent(sensitive_word):
    template = make_template()
    template.body = in_mjml(f"{sensitive_word} {{{{ unsubscribe_url }}}}")
    person = make_customer()
    allow(person)
    save_template(template, at=NOW)
    make_choice(person, act=Act.WITHDRAWN, categories=[Category.SENSITIVE])

    with pytest.raises(CampaignNotReady, match="is sensitive"):
        launch(make_campaign(person, template=template), at=NOW)
