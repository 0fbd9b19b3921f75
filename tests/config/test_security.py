"""Secure by default: what a browser is told, and what production adds."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

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

    headers = client.get("/admin/").headers

    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


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
