import fcntl
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.live_server_helper import LiveServer

from common.embedded.sockets import free_port, locked
from common.mail_catcher import Mailbox, catch_mail
from tests import databases

# Two cores: programs that are killed and browsers that wait would disturb each other.
ONE_AT_A_TIME = ("fault", "browser", "real_server")

# How long the machine takes says nothing of a law.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if any(item.get_closest_marker(name) for name in ONE_AT_A_TIME):
            item.add_marker(pytest.mark.xdist_group("one_at_a_time"))


def pytest_collection_finish():
    """Look for rubbish less often, and not among what is here from the first test to the last."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Forget the language of the last request, which Django leaves to whoever comes next."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker) -> Iterator[None]:
    """Replace pytest-django's own: the test database is a copy of a migrated template."""
    django_settings.VAR.mkdir(parents=True, exist_ok=True)
    # Two runs in one checkout take turns.
    with locked(django_settings.VAR / "tests.lock", fcntl.LOCK_EX), django_db_blocker.unblock():
        databases.clone()
        yield


@pytest.fixture
def real_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Commit for real: for threads, other processes, and whoever reads the timeline.

    Afterwards the database is replaced, since append-only tables refuse to be flushed.
    """
    with django_db_blocker.unblock():
        yield
        databases.clone()


@pytest.fixture
def busy_db(real_db, monkeypatch) -> None:
    """Be asked request after request: a connection for each would cost as much as the answer."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)


@pytest.fixture
def mailbox(tmp_path: Path, settings) -> Iterator[Mailbox]:
    """Send mail to a real SMTP server; the fixture is what arrived."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.MAIL_CATCHER = tmp_path / "mail"
    with catch_mail(
        settings.MAIL_CATCHER, host=settings.EMAIL_HOST, port=settings.EMAIL_PORT
    ) as mailbox:
        yield mailbox


@pytest.fixture
def site(real_db) -> Iterator[str]:
    """Serve the program to a browser; the fixture is its address.

    pytest-django's ``live_server`` would flush the database.
    """
    server = LiveServer("localhost")
    yield server.url
    server.stop()
