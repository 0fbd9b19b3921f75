from django.core import mail

from common.email_url import email_settings


def test_smtp_server_is_named_by_its_address():
    found = email_settings("smtp+tls://shop:open%20sesame@mail.example:587")

    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 587)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("shop", "open sesame")
    assert found["EMAIL_USE_TLS"] is True


def test_mail_service_is_named_with_its_own_settings():
    found = email_settings("anymail://postmark?server_token=abc%2Fdef")

    assert found == {
        "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
        "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "abc/def"},
    }


def test_mail_service_is_handed_the_message(settings):
    for name, value in email_settings("anymail://test").items():
        setattr(settings, name, value)

    sent = mail.send_mail("Olá", "Corpo", "shop@clientela.example", ["ana@mail.example"])

    assert sent == 1
