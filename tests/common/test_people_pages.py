import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from common.enums import Role
from common.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NEW = {"usable_password": "true", "password1": "a-long-new-one", "password2": "a-long-new-one"}


@pytest.mark.parametrize(("is_superuser", "status"), [(False, 302), (True, 403)])
def test_administrator_sets_the_password_of_a_colleague_and_not_of_a_superuser(
    client, is_superuser, status
):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    colleague = make_user(is_superuser=is_superuser)

    answer = client.post(reverse("admin:auth_user_password_change", args=[colleague.pk]), NEW)

    assert answer.status_code == status
    assert User.objects.get(pk=colleague.pk).check_password("a-long-new-one") != is_superuser


def test_administrator_only_reads_who_is_a_superuser(client):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    page = reverse("admin:common_user_change", args=[make_user(is_superuser=True).pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"username": "mine"}).status_code == 403


def test_a_colleague_is_added_on_one_page_and_can_work_at_once(client):
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    marketing = Group.objects.get(name=Role.MARKETING)

    answer = client.post(
        reverse("admin:common_user_add"),
        {"username": "bia", "groups": [marketing.pk], **NEW},
    )

    assert answer.status_code == 302
    assert client.login(username="bia", password=NEW["password1"])
    assert client.get(reverse("admin:segments_segment_changelist")).status_code == 200
