import pytest

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def language_of(answer):
    return answer.headers["Content-Language"]


@pytest.mark.parametrize(
    ("browser", "language"), [("pt-BR,pt;q=0.9", "pt-br"), ("en-US", "en"), ("fr", "en")]
)
def test_pages_speak_the_browsers_language(client, browser, language):
    answer = client.get("/admin/login/", headers={"Accept-Language": browser})

    assert language_of(answer) == language
    assert f'lang="{language}"' in answer.content.decode()


def test_pages_speak_the_language_the_user_chose(client):
    client.force_login(make_user(language="pt-br"))

    answer = client.get("/admin/", headers={"Accept-Language": "en"})

    assert language_of(answer) == "pt-br"


def test_the_choice_is_kept_with_the_user(client):
    user = make_user()
    client.force_login(user)

    answer = client.post("/language/", {"language": "pt-br", "next": "/admin/"})

    user.refresh_from_db()
    assert (user.language, answer.url) == ("pt-br", "/admin/")


def test_a_choice_before_the_sign_in_is_kept_in_the_browser(client):
    client.post("/language/", {"language": "pt-br"})

    assert language_of(client.get("/admin/login/")) == "pt-br"


def test_a_language_we_do_not_speak_changes_nothing(client):
    user = make_user(language="en")
    client.force_login(user)

    client.post("/language/", {"language": "tlh"})

    user.refresh_from_db()
    assert user.language == "en"


def test_the_choice_leads_to_no_other_site(client):
    answer = client.post("/language/", {"language": "en", "next": "https://evil.example/"})

    assert answer.url == "/"


def test_following_a_link_changes_no_language(client):
    assert client.get("/language/").status_code == 405
