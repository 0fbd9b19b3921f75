"""The examples that the upload page offers are files that come in, in both languages."""

import pytest
from django.urls import reverse

from common.enums import Language, Role
from customers.operations.imports import file_kinds
from tests.customers.imports.files import checked, reasons
from tests.factories import make_user

pytestmark = pytest.mark.django_db
WHAT_A_SHOP_HAS = {"unknown_customer", "unknown_product", "unknown_offer", "unknown_list"}


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("kind", sorted(file_kinds()))
def test_an_example_is_understood_but_for_what_only_a_shop_knows(client, kind, language):
    client.force_login(make_user(role=Role.MARKETING))

    answer = client.get(reverse("admin:customers_importjob_example", args=[kind, language]))
    job = checked(kind, answer.content)

    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{kind}-{language}.csv"'
    )
    assert job.refusal == ""
    columns = [column.name for column in file_kinds()[kind].columns]
    assert [job.mapping.get(title) for title in job.header] == columns
    assert {reason for *_place, reason in reasons(job)} <= WHAT_A_SHOP_HAS


def test_the_upload_page_offers_an_example_of_each_kind_in_each_language(client):
    client.force_login(make_user(role=Role.MARKETING))

    page = client.get(reverse("admin:customers_importjob_add")).content.decode()

    for kind in file_kinds():
        for language in Language.values:
            assert reverse("admin:customers_importjob_example", args=[kind, language]) in page


def test_there_is_no_example_of_another_kind_or_language(client):
    client.force_login(make_user(role=Role.MARKETING))

    for kind, language in (("ufos", "en"), ("orders", "tlh")):
        page = client.get(reverse("admin:customers_importjob_example", args=[kind, language]))
        assert page.status_code == 404
