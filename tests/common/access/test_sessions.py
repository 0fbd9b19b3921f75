"""What ends a session, everywhere it is open."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from common.enums import Role, Scope
from common.models import AuditEntry, Authenticator, RoleSecurity, User
from tests.api import api_client
from tests.common.access.codes import with_app
from tests.common.access.test_sign_in import is_inside
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    client = Client()
    client.force_login(make_user(is_superuser=True))
    return client


@pytest.fixture
def agent():
    return make_user(role=Role.SUPPORT_AGENT)


@pytest.fixture
def devices(agent):
    """Two browsers in which the agent is signed in."""
    clients = [Client(), Client()]
    for each in clients:
        each.force_login(agent)
        assert is_inside(each)
    return clients


def inside(devices):
    return [is_inside(each) for each in devices]


def facts_of(user, **changed):
    facts = {
        "username": user.username,
        "apology_limit": "50",
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk for group in user.groups.all()],
    }
    return {name: value for name, value in {**facts, **changed}.items() if value != ""}


def save(administrator, user, **changed):
    page = reverse("admin:common_user_change", args=[user.pk])
    assert administrator.post(page, facts_of(user, **changed)).status_code == 302


def test_sessions_end_when_the_password_changes(administrator, agent, devices):
    new = {"usable_password": "true", "password1": "a-long-new-1", "password2": "a-long-new-1"}
    administrator.post(reverse("admin:auth_user_password_change", args=[agent.pk]), new)

    assert inside(devices) == [False, False]
    assert AuditEntry.objects.filter(action="password_changed", subject_id=agent.pk).exists()


def test_whoever_changes_their_own_password_stays_and_is_signed_out_elsewhere(devices):
    here, there = devices
    new = "a-long-new-1"
    here.post(
        reverse("admin:password_change"),
        {"old_password": "secret", "new_password1": new, "new_password2": new},
    )

    assert inside([here, there]) == [True, False]


def test_sessions_end_when_a_role_is_given_or_taken(administrator, agent, devices):
    save(administrator, agent, groups=[Group.objects.get(name=Role.ANALYST).pk])

    assert inside(devices) == [False, False]


def test_sessions_end_whichever_way_a_role_is_given(agent, devices):
    Group.objects.get(name=Role.ANALYST).user_set.add(agent)

    assert inside(devices) == [False, False]


def test_sessions_end_when_a_role_itself_changes(administrator, agent, devices):
    group = Group.objects.get(name=Role.SUPPORT_AGENT)
    fewer = Permission.objects.filter(codename="view_customer")

    administrator.post(
        reverse("admin:auth_group_change", args=[group.pk]),
        {"name": group.name, "permissions": [permission.pk for permission in fewer]},
    )

    assert inside(devices) == [False, False]
    assert is_inside(administrator)


def test_a_session_does_not_come_back_with_the_person(administrator, agent, devices):
    save(administrator, agent, is_active="")
    assert inside(devices) == [False, False]

    agent.refresh_from_db()
    save(administrator, agent)

    assert inside(devices) == [False, False]


def test_a_change_of_name_ends_nothing(administrator, agent, devices):
    save(administrator, agent, first_name="Bia")

    assert inside(devices) == [True, True]


def test_whoever_changes_their_own_roles_goes_on(administrator):
    user = User.objects.get(is_superuser=True)

    save(
        administrator,
        user,
        is_superuser="on",
        groups=[Group.objects.get(name=Role.ANALYST).pk],
    )

    assert is_inside(administrator)


def test_an_administrator_signs_somebody_out_everywhere(administrator, agent, devices):
    administrator.post(
        reverse("admin:common_user_changelist"),
        {"action": "end_all_sessions", "_selected_action": [agent.pk]},
    )

    assert inside(devices) == [False, False]
    assert AuditEntry.objects.get(action="sessions_ended").subject_id == agent.pk


def test_an_administrator_takes_a_lost_second_factor_away(administrator, agent):
    with_app(agent)

    administrator.post(
        reverse("admin:common_user_changelist"),
        {"action": "reset_second_factor", "_selected_action": [agent.pk]},
    )

    assert not Authenticator.objects.exists()
    entry = AuditEntry.objects.get(action="second_factor_removed")
    assert entry.subject_id == agent.pk
    assert entry.actor is not None


def test_an_administrator_who_is_no_superuser_takes_nothing_from_one():
    client, superuser = Client(), make_user(is_superuser=True)
    with_app(superuser)
    client.force_login(make_user(role=Role.ADMINISTRATOR))

    client.post(
        reverse("admin:common_user_changelist"),
        {"action": "reset_second_factor", "_selected_action": [superuser.pk]},
    )

    assert Authenticator.objects.exists()


def test_whoever_runs_the_server_lets_the_last_administrator_in(capsys):
    user = make_user(is_superuser=True)
    with_app(user)

    call_command("let_in", user.username)

    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.filter(action="second_factor_removed", actor=None).exists()


def test_a_role_is_asked_for_a_second_factor_on_its_page(administrator, agent, devices):
    group = Group.objects.get(name=Role.SUPPORT_AGENT)
    page = reverse("admin:auth_group_change", args=[group.pk])
    facts = {"name": group.name, "permissions": [each.pk for each in group.permissions.all()]}

    administrator.post(page, {**facts, "needs_second_factor": "on"})

    assert inside(devices) == [False, False]
    assert RoleSecurity.objects.get(needs_second_factor=True).group == group
    assert AuditEntry.objects.get(action="second_factor_demanded").subject_id == group.pk


def test_programs_go_on(agent):
    program = api_client(Scope.READ_CUSTOMERS)

    agent.groups.clear()

    assert program.get("/api/v1/customers").status_code == 200
