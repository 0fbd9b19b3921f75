"""Whatever staff change is written down: every form of every page is sent, as a person would.

The law: a POST that changed a row of ours left an entry in the audit. PostgreSQL itself counts the
rows, so that no page can change something and not be noticed.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from tests.config.test_roles import every_page
from tests.factories import make_user
from tests.journey.visitor import Button, Page, Visitor

pytestmark = pytest.mark.django_db

OURS = ("common", "customers", "consent", "segments", "campaigns", "loyalty", "auth")
# What is no act of a person: their own last sign-in, and what the record itself is written to.
NOT_COUNTED = {"common_auditentry", "common_export"}
# The door is tried one way at a time in tests/common/access; a search and a preview write nothing.
LEFT_OUT = {"autocomplete", "jsi18n", "search", "sign_in_code", "second_factor", "password_change"}
# What a person would fill in where a form waits for it.
TYPED = {
    "name": "Spring",
    "label": "Spring",
    "code": "spring",
    "username": "bia",
    "password1": "a-long-new-1",
    "password2": "a-long-new-1",
    "new_password1": "a-long-new-1",
    "new_password2": "a-long-new-1",
    "reason": "Because they asked",
    "note": "They asked",
    "text": "They asked",
    "tag": "vip",
    "points": "10",
    "amount": "20.00",
    "address": "somebody@mail.example",
    "url": "https://hooks.example/in",
    "every": "5",
    "explanation": "They asked",
    "subject": "Where is it?",
}


class Undo(Exception):
    """Ends the savepoint of one try."""


def changed_rows():
    tables = {model._meta.db_table for model in apps.get_models()} - NOT_COUNTED
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return {
            name: count
            for name, count in cursor.fetchall()
            if name in tables and name.split("_")[0] in OURS
        }


def tries(client, url):
    """Yield what each button of each form of the page would send, and where to."""
    answer = client.get(url)
    if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
        close_file(answer)
        # Perhaps only a POST is taken here.
        yield url, []
        return
    sent_back: Any = SimpleNamespace(text=answer.content.decode(), url=f"http://shop{url}")
    page = Page(Visitor("http://shop"), sent_back)
    for form in page.forms:
        if form.method.lower() != "post" or "logout" in form.action or "language" in form.action:
            continue
        buttons = [*form.buttons, *(b for b in page._nowhere.buttons if b.form == form.id)]
        for button in buttons or [Button("", "")]:
            sent = [
                (name, value or TYPED.get(name.rpartition("-")[2], ""))
                for name, value in form.filled
            ]
            sent += [(name, TYPED[name]) for name in form.names & TYPED.keys() - dict(sent).keys()]
            if button.name:
                sent.append((button.name, button.value))
            yield (form.action if form.action.startswith("/") else url), sent


def close_file(answer):
    """Put a file that was sent away: to close the answer would close the connection too."""
    for close in answer._resource_closers:
        close()


def send(client, url, sent):
    """Send it and undo it; return the tables that changed, and how many entries told of it."""
    before, told = changed_rows(), AuditEntry.objects.count()
    # Whoever changes themselves gets a new session, which is undone along.
    session = client.cookies["sessionid"].value
    found = None
    try:
        with transaction.atomic():
            facts: dict[str, list[str]] = {}
            for name, value in sent:
                facts.setdefault(name, []).append(value)
            close_file(client.post(url, facts))
            found = (
                {name for name, count in changed_rows().items() if count != before.get(name, 0)},
                AuditEntry.objects.count() - told,
            )
            raise Undo
    except Undo:
        client.cookies["sessionid"] = session
    return found


def test_whatever_a_form_changes_is_written_down(client):
    client.force_login(make_user(is_superuser=True))
    client.raise_request_exception = False
    silent, telling = {}, set()

    for name, url in every_page().items():
        if name in LEFT_OUT or name.startswith("django_celery_beat"):
            continue
        for address, sent in tries(client, url):
            tables, entries = send(client, address, sent)
            if tables and not entries:
                silent[name] = sorted(tables)
            if tables and entries:
                telling.add(name)

    assert silent == {}
    assert len(telling) > 30, sorted(telling)


def test_whatever_is_done_with_the_selected_is_written_down(client):
    client.force_login(make_user(is_superuser=True))
    client.raise_request_exception = False
    silent, telling = {}, set()

    for name, url in every_page().items():
        if not name.endswith("_changelist"):
            continue
        page = client.get(url)
        if not (listed := page.context.get("cl")):
            continue  # settings, of which there is one
        chosen = [str(row.pk) for row in listed.result_list[:1]]
        for action, *_words in listed.model_admin.get_action_choices(page.wsgi_request):
            sent = [("action", action), ("post", "yes")]
            sent += [("_selected_action", each) for each in chosen]
            tables, entries = send(client, url, sent)
            if tables and not entries:
                silent[name, action] = sorted(tables)
            if tables and entries:
                telling.add((name, action))

    assert silent == {}
    assert len(telling) > 5, sorted(telling)


def test_a_refused_page_is_written_down_with_its_record(client):
    agent = make_user(role=Role.SUPPORT_AGENT)
    client.force_login(agent)

    assert client.get(reverse("admin:common_user_change", args=[agent.pk])).status_code == 403

    entry = AuditEntry.objects.get(action="refused")
    assert (entry.actor, entry.subject_type, entry.subject_id) == (agent, "common.user", agent.pk)
    assert entry.fields == ["common_user_change"]
