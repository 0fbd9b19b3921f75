"""The embedded programs are a default; each real server is tried once."""

import secrets
import shutil

import psycopg
import pytest
from aiosmtpd.smtp import AuthResult

from common.embedded.postgres import Cluster
from common.embedded.sockets import answers, free_port
from common.mail_catcher import catch_mail
from config.celery import app
from tests.programs import broker, manage, real_program, running, tasks_sent_to, wait_until, worker

pytestmark = pytest.mark.real_server

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ALLOWED_HOSTS": "shop.example",
    "PUBLIC_URL": "https://shop.example",
    **{
        name: secrets.token_urlsafe(48)
        for name in ("SECRET_KEY", "SIGNING_KEY", "HASHING_KEY", "SEALING_KEY")
    },
}


@pytest.fixture
def database_server(settings):
    """PostgreSQL on 127.0.0.1, which wants a password; the fixture is its port."""
    # Not in tmp_path: another run of pytest closes those folders to all users but its own.
    folder = settings.VAR / "real-server"
    shutil.rmtree(folder, ignore_errors=True)
    cluster, port = Cluster(folder, profile="test"), free_port()
    cluster.ensure()
    where = f"host={cluster.sockets} user=postgres dbname=postgres"
    with psycopg.connect(where, autocommit=True) as sql:
        sql.execute("ALTER USER postgres PASSWORD 'open sesame'")
    cluster.stop()
    with (cluster.data / "postgresql.conf").open("a") as file:
        file.write(f"listen_addresses = '127.0.0.1'\nport = {port}\n")
    (cluster.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    cluster.ensure()
    yield port
    cluster.stop()


def test_database_url_names_a_real_server(database_server):
    url = f"postgres://postgres:open%20sesame@127.0.0.1:{database_server}/clientela"
    production = {**PRODUCTION, "EMAIL_URL": "smtp+tls://shop:secret@mail.example:587"}
    # To migrate once more would prove no more, and take a quarter of a minute.
    planned = manage("migrate", "--plan", DATABASE_URL=url, **production)
    checked = manage("check", "--database", "default", DATABASE_URL=url, **production)
    refused = manage("migrate", DATABASE_URL=url.replace("open", "close"), **PRODUCTION)

    assert (planned.returncode, planned.stderr) == (0, "")
    assert "customers.0001_" in planned.stdout
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "password authentication failed" in refused.stderr


def test_celery_broker_url_names_a_real_server(tmp_path):
    program, port = real_program("redis-server"), free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with running([*command, "--dir", str(tmp_path), "--loglevel", "warning"]):
        wait_until(lambda: answers("127.0.0.1", port))

        with tasks_sent_to(f"redis://127.0.0.1:{port}/0") as address, worker(address):
            assert ran_a_task()


def test_embedded_broker_serves_a_real_worker(tmp_path):
    with broker(tmp_path) as address, worker(address):
        assert ran_a_task()


def ran_a_task():
    app.send_task("celery.accumulate")
    wait_until(lambda: tasks_run().get("celery.accumulate") == 1)
    return True


def tasks_run():
    (of_worker,) = app.control.inspect(timeout=10, limit=1).stats().values()
    return of_worker["total"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_email_url_names_a_real_server(tmp_path):
    def authenticate(server, session, envelope, mechanism, login):
        right = (login.login, login.password) == (b"shop", b"open sesame")
        return AuthResult(success=right, handled=False)

    port, options = free_port(), {"auth_required": True, "auth_require_tls": False}
    with catch_mail(
        tmp_path, host="127.0.0.1", port=port, authenticator=authenticate, **options
    ) as mailbox:
        url = f"smtp://shop:open%20sesame@127.0.0.1:{port}"
        sent = manage("sendtestemail", "ana@clientela.example", EMAIL_URL=url, **PRODUCTION)
        wrong = url.replace("open", "close")
        refused = manage("sendtestemail", "bia@clientela.example", EMAIL_URL=wrong, **PRODUCTION)

    assert (sent.returncode, sent.stderr) == (0, "")
    assert "Authentication credentials invalid" in refused.stderr
    assert [message["To"] for message in mailbox.messages()] == ["ana@clientela.example"]
