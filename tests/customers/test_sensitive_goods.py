"""Goods that say what many keep to themselves: by a lexicon, and by what staff decide."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from common.models import AuditEntry
from customers.models import Product, SensitiveTopic
from customers.operations.sensitivity import (
    UnknownCategory,
    change_topic,
    decide,
    leave_to_lexicon,
    mark_goods,
)
from customers.queries.sensitivity import Touched, any_sensitive, touched_by_topic
from customers.rules.lexicon import STARTER, normal_words
from tests.factories import NOW, make_product, make_user

pytestmark = pytest.mark.django_db


def mark_of(name="Thing", category="Shop"):
    product = make_product(name=name, category=category)
    return Product.objects.get(pk=product.pk).sensitive


def sensitive_skus():
    return set(Product.objects.filter(sensitive=True).values_list("sku", flat=True))


@pytest.mark.parametrize(
    "name",
    [
        "Teste de Gravidez Rápido",
        "Fraldas Geriátricas G 8 un.",
        "INSULINA NPH 100 UI",
        "Preservativo (3 un.)",
        "Anti-inflamatório 20 mg",
        "Bíblia Sagrada",
        "Glucometer kit",
        "Plus-size bra for pregnant women",
        "Gay pride mug",
        "Nicotine patch 21mg",
    ],
)
def test_a_word_of_the_lexicon_marks_a_product(name):
    assert mark_of(name)


@pytest.mark.parametrize(
    "name",
    [
        "Almofada de pescoço",
        "Alcoômetro Gay-Lussac",
        "Gayatri incense",
        "Terçado de aço",
        "Biblioteca modular",
        "Aposto que é bom",
        "Partido alto: o melhor do samba",
        "Cigarra de brinquedo",
        "Candidatura única",
        "Debt-free",
        "Vinho tinto",
        "Leite integral 1 L",
        "Remediation guide",
        "Union Jack cushion",
    ],
)
def test_a_part_of_a_word_marks_nothing(name):
    assert not mark_of(name)


def test_a_word_in_the_category_marks_all_that_is_in_it():
    assert mark_of("Cápsulas 60", category="Farmácia > Emagrecimento > Chás")


def test_words_do_not_run_on_from_category_to_name():
    assert not mark_of("pressão e temperatura", category="Medidor de")


@given(st.text(alphabet="aZçÃé -_.'/9(ß", max_size=30))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_words_are_read_alike_here_and_in_the_database(text):
    text = text.replace("ß", "ss")
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexicon_words(%s)", [text])
        (found,) = cursor.fetchone()

    assert found.strip() == normal_words(text)


def test_every_topic_of_the_starter_has_words_in_both_languages_that_find_it():
    kept = {topic.code: topic for topic in SensitiveTopic.objects.all()}

    assert kept.keys() == {topic.code for topic in STARTER}
    for topic in STARTER:
        assert min(len(topic.words_pt_br), len(topic.words_en)) >= 10, topic.code
        for word in (*topic.words_pt_br, *topic.words_en):
            assert kept[topic.code].finds(f"X: {word.upper()}!")


def test_a_change_of_name_changes_the_mark():
    product = make_product(name="Insulina")

    product.name = "Agulha"
    product.save()

    product.refresh_from_db()
    assert not product.sensitive


def test_staff_overrule_the_lexicon_for_a_category_and_what_is_below():
    officer = make_user()
    make_product(sku="tea", name="Emagrecedor", category="Grocery > Tea")
    make_product(sku="soap", name="Soap", category="Grocery > Soap")
    make_product(sku="bar", name="Soap", category="Grocery > Soap > Bars")
    make_product(sku="other", name="Soap", category="Grocery > Soapstone")

    decide("Grocery > Tea", sensitive=False, by=officer, at=NOW)
    soap = decide("Grocery > Soap", sensitive=True, by=officer, at=NOW)
    assert sensitive_skus() == {"soap", "bar"}

    decide("Grocery > Soap > Bars", sensitive=False, by=officer, at=NOW)
    assert sensitive_skus() == {"soap"}

    leave_to_lexicon(soap, by=officer, at=NOW)
    assert sensitive_skus() == set()
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "customers.sensitive_decided",
        "customers.sensitive_left",
    }


def test_a_category_that_nothing_is_in_is_not_decided():
    with pytest.raises(UnknownCategory):
        decide("Grocery > Nothing", sensitive=True, by=make_user(), at=NOW)


def test_a_changed_lexicon_marks_known_goods_in_chunks():
    make_product(sku="wine", name="Vinho tinto")
    make_product(sku="milk", name="Milk")
    make_product(sku="pill", name="Insulina")
    alcohol = SensitiveTopic.objects.get(pk="alcohol")
    later = NOW + timedelta(days=400)

    change_topic(
        alcohol,
        words_pt_br=["Vinho", "vinho ", ""],
        words_en=alcohol.words_en,
        is_active=True,
        by=make_user(),
        at=later,
    )

    assert mark_goods(at=later, chunk=1) == 1
    assert mark_goods(at=later, chunk=1) == 0
    assert sensitive_skus() == {"wine", "pill"}
    assert SensitiveTopic.objects.get(pk="alcohol").words_pt_br == ["vinho"]


def test_a_category_is_sensitive_by_its_words_or_when_all_in_it_is():
    make_product(name="Insulina", category="Shop > Cold")
    make_product(name="Insulina", category="Shop > Shelf > One")
    make_product(name="Leite", category="Shop > Shelf > Two")

    assert any_sensitive(["Emagrecimento"])
    assert any_sensitive(["Leite", "Shop > Cold"])
    assert any_sensitive(["Shop > Shelf > One"])
    assert not any_sensitive(["Shop > Shelf", "Shop", "Nowhere", "Sh_p > Cold"])


def test_a_category_that_staff_cleared_is_not_sensitive_for_what_is_in_it():
    make_product(name="Insulina", category="Shop > Cold > Box")
    decide("Shop > Cold", sensitive=False, by=make_user(), at=NOW)
    decide("Shop > Cold > Box", sensitive=True, by=make_user(), at=NOW)

    assert not any_sensitive(["Shop > Cold"])
    assert any_sensitive(["Shop > Cold > Box"])


def test_topics_tell_the_categories_that_they_touch():
    make_product(name="Insulina", category="Shop > Cold")
    make_product(name="Antibiótico", category="Shop > Cold")
    make_product(name="Bíblia", category="Books")
    make_product(name="Leite", category="Shop > Cold")

    assert touched_by_topic() == {
        "medicines": [Touched("Shop > Cold", 2)],
        "religion": [Touched("Books", 1)],
    }
