"""The page of privacy officers about sensitive goods."""

import pytest
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from customers.models import Product, SensitiveDecision, SensitiveTopic
from tests.factories import make_product, make_user

pytestmark = pytest.mark.django_db

PAGE = "admin:customers_sensitivetopic_changelist"


@pytest.fixture
def officer(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    return client


def sensitive_names():
    return set(Product.objects.filter(sensitive=True).values_list("name", flat=True))


def test_the_page_shows_topics_with_the_categories_they_touch(officer):
    make_product(name="Insulina", category="Shop > Cold")

    page = officer.get(reverse(PAGE)).content.decode()

    assert "1 product is sensitive." in page
    assert "Shop &gt; Cold: 1 product" in page
    assert "Alcoholic drinks" in page


def test_an_officer_overrules_the_words_and_takes_it_back(officer):
    make_product(name="Insulina", category="Shop > Cold")
    make_product(name="Mug", category="Shop > Cups")

    officer.post(reverse(PAGE), {"path": "Shop > Cold", "ordinary": ""})
    officer.post(reverse(PAGE), {"path": "Shop > Cups", "sensitive": ""})
    assert sensitive_names() == {"Mug"}

    page = officer.get(reverse(PAGE)).content.decode()
    assert "Shop &gt; Cups: sensitive" in page

    officer.post(reverse(PAGE), {"decision": "Shop > Cups"})
    assert sensitive_names() == set()
    assert SensitiveDecision.objects.get().path == "Shop > Cold"
    assert AuditEntry.objects.filter(action="customers.sensitive_decided").count() == 2


def test_a_category_that_is_none_is_refused_in_words(officer):
    page = officer.post(reverse(PAGE), {"path": "Nowhere", "sensitive": ""}, follow=True)

    assert "No product is in this category." in page.content.decode()


def test_an_officer_changes_the_words_of_a_topic(officer):
    page = reverse("admin:customers_sensitivetopic_change", args=["alcohol"])
    told = {"words_pt_br": "Cachaça\nLICOR\n", "words_en": "gin", "is_active": "on"}

    officer.post(page, told)

    topic = SensitiveTopic.objects.get(pk="alcohol")
    assert (topic.words_pt_br, topic.words_en, topic.is_active) == (
        ["cachaca", "licor"],
        ["gin"],
        True,
    )
    entry = AuditEntry.objects.get(action="changed")
    assert sorted(entry.fields) == ["is_active", "words_en", "words_pt_br"]


def test_a_word_that_is_a_sentence_is_refused(officer):
    page = reverse("admin:customers_sensitivetopic_change", args=["alcohol"])

    answer = officer.post(page, {"words_pt_br": "x" * 61, "words_en": ""})

    assert "too long for a word" in answer.content.decode()
