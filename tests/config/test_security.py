"""Secure by default: what a browser is told, and what production adds."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from common.discovery import declared
from tests.factories import make_user

PRODUCTION = {
    "PRODUCTION": "1",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "ALLOWED_HOSTS": "crm.example.com",
    "PUBLIC_URL": "https://crm.example.com",
    "EMAIL_URL": "smtp+tls://mail.example.com:587",
    **{
        name: f"{name}-of-a-test-".lower() * 4
        for name in ("SECRET_KEY", "SIGNING_KEY", "HASHING_KEY", "SEALING_KEY")
    },
}


@pytest.mark.django_db
def test_pages_tell_the_browser_what_they_may_do(client):
    client.force_login(make_user(is_superuser=True))

    answer = client.get("/admin/")
    headers, policy = answer.headers, policy_of(answer)
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def policy_of(answer):
    parts = answer.headers["Content-Security-Policy"].split(";")
    return dict(part.strip().partition(" ")[::2] for part in parts)


@pytest.mark.django_db
def test_what_customers_open_runs_no_script_whoever_wrote_it(client):
    """Every page of ``public_urlpatterns``, whatever its parameters are called."""
    values = {"str": "x", "int": 1, "slug": "x", "uuid": uuid4(), "path": "x"}
    pages = declared("urls", "public_urlpatterns")

    for page in pages:
        wanted = {
            name: next(made for kind, made in values.items() if kind in type(of).__name__.lower())
            for name, of in page.pattern.converters.items()
        }
        policy = policy_of(client.get(reverse(page.name, kwargs=wanted)))
        assert policy["default-src"] == "'none'", page.name
        assert "script-src" not in policy
        assert "unsafe" not in str(policy)
        assert policy["form-action"] == "'self'"
    assert {"unsubscribe", "click"} <= {page.name for page in pages}


@pytest.mark.django_db
def test_browsers_report_to_nobody_outside(client):
    for page in ("/admin/login/", "/u/x", "/api/docs/"):
        assert not {"report-uri", "report-to"} & policy_of(client.get(page)).keys()


def in_production(*command, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_djangos_own_deployment_checks(tmp_path):
    told = in_production(
        "check", "--deploy", "--fail-level", "WARNING", CLIENTELA_VAR=str(tmp_path)
    )

    assert told.returncode == 0, told.stderr


def test_production_does_not_start_without_its_keys(tmp_path):
    told = in_production("check", SIGNING_KEY="", CLIENTELA_VAR=str(tmp_path))

    assert told.returncode == 1
    assert "clientela.E001" in told.stderr


def test_production_collects_its_files_under_names_that_never_change(tmp_path):
    told = in_production("collectstatic", "--no-input", CLIENTELA_VAR=str(tmp_path))

    assert told.returncode == 0, told.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()
    assert list((tmp_path / "static" / "common").glob("clientela.*.css"))
