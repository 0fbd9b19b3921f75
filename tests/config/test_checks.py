import pytest
from django.core.checks import run_checks

from config import checks

SOUND = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "a" * 40,
    "SIGNING_KEY": "b" * 40,
    "HASHING_KEY": "c" * 40,
    "SEALING_KEY": "d" * 40,
    "ALLOWED_HOSTS": ["crm.example.com"],
    "PUBLIC_URL": "https://crm.example.com",
    "EMAIL_URL": "smtp+tls://mail.example.com:587",
    "MAIL_SERVICE": "postmark",
    "ANYMAIL_WEBHOOK_SECRET": "postmark:of-a-test",
    "CELERY_BROKER_TRANSPORT_OPTIONS": {"visibility_timeout": 600},
    "CELERY_TASK_TIME_LIMIT": 540,
    "SHOP_TIME_ZONE": "America/Recife",
    "SHOP_COUNTRY": "BR",
    "CURRENCY": "BRL",
    "SHOP_LOGO": "common/static/common/clientela.svg",
    "SHOP_COLOR": "#0f766e",
    "SHOP_COLOR_DARK": "#2dd4bf",
}


@pytest.fixture
def installation(settings):
    """A sound installation; change one thing and see what the checks say."""

    def change(**facts):
        for name, value in {**SOUND, **facts}.items():
            setattr(settings, name, value)

    change()
    return change


def said():
    return {message.id for message in run_checks() if str(message.id).startswith("clientela.")}


def test_a_sound_installation_is_told_nothing(installation):
    assert said() == set()


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"SECRET_KEY": ""}, "clientela.E001"),
        ({"SEALING_KEY": ""}, "clientela.E001"),
        ({"HASHING_KEY": "short"}, "clientela.E002"),
        ({"HASHING_KEY": "b" * 40}, "clientela.E003"),
        ({"DEBUG": True}, "clientela.E004"),
        ({"ALLOWED_HOSTS": []}, "clientela.E005"),
        ({"ALLOWED_HOSTS": ["*"]}, "clientela.E005"),
        ({"PUBLIC_URL": ""}, "clientela.E006"),
        ({"PUBLIC_URL": "http://crm.example.com"}, "clientela.E006"),
        ({"SHOP_TIME_ZONE": "Mars/Olympus"}, "clientela.E007"),
        ({"CURRENCY": "Reais"}, "clientela.E008"),
        ({"ANYMAIL_WEBHOOK_SECRET": "without-a-name"}, "clientela.E022"),
        ({"MAIL_SERVICE": ""}, "clientela.E023"),
        ({"MAIL_SERVICE": "postal"}, "clientela.E023"),
        ({"SHOP_COUNTRY": "Brasil"}, "clientela.E009"),
        ({"CELERY_TASK_TIME_LIMIT": 600}, "clientela.E010"),
        ({"SHOP_COLOR": "teal"}, "clientela.E020"),
        ({"SHOP_LOGO": "no/such.svg"}, "clientela.E021"),
        ({"SHOP_LOGO": "manage.py"}, "clientela.E021"),
        ({"SHOP_COLOR": "#ffcc00"}, "clientela.W003"),
        ({"SHOP_COLOR_DARK": "#0f172a"}, "clientela.W003"),
        ({"EMAIL_URL": ""}, "clientela.W001"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_told(installation, facts, told):
    installation(**facts)

    assert said() == {told}


def test_a_trial_may_lack_what_a_shop_needs(installation):
    installation(PRODUCTION=False, DEBUG=True, ALLOWED_HOSTS=[], PUBLIC_URL="", EMAIL_URL="")

    assert said() == set()


def test_our_own_database_is_new_enough(db):
    assert checks.database(databases=["default"]) == []


def test_an_old_database_is_told(db, monkeypatch):
    monkeypatch.setattr(checks, "OLDEST_POSTGRES", 990_000)

    assert [message.id for message in checks.database(databases=["default"])] == ["clientela.E012"]


def test_a_network_that_is_none_is_told(installation):
    installation(WEBHOOK_INNER_NETWORKS=["10.0.0.0/8", "the cellar"])

    assert said() == {"clientela.E014"}


def test_webhooks_without_protection_are_told(installation):
    installation(WEBHOOK_ALLOW_HTTP=True)

    assert said() == {"clientela.W002"}
