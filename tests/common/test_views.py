import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.urls import reverse

from common.mail_catcher import Mailbox


@pytest.fixture
def staff(admin_client):
    return admin_client


def test_mail_lists_the_newest_first(staff, mailbox):
    send_mail("Welcome", "", None, ["ana@clientela.example"])
    send_mail("Your voucher", "", None, ["bia@clientela.example"])

    page = staff.get("/mail/").content.decode()

    assert page.index("Your voucher") < page.index("Welcome")
    assert "bia@clientela.example" in page


def test_mail_without_a_message_says_what_it_is_for(staff, mailbox):
    assert "Nothing has been sent yet" in staff.get("/mail/").content.decode()


def test_mail_is_for_those_who_work_here(client, db, mailbox):
    send_mail("Welcome", "", None, ["ana@clientela.example"])
    (name,) = mailbox.names()

    for address in ("/mail/", reverse("mail_message", args=[name])):
        assert client.get(address).url.startswith("/admin/login/")


def test_mail_opens_only_the_messages_of_its_page(staff, settings, tmp_path):
    settings.MAIL_CATCHER = tmp_path
    mailbox = Mailbox(tmp_path)
    for number in range(3000):
        mailbox.add(f"Subject: number {number}\n\n".encode())
    # Opening an older one would fail: it is a folder.
    oldest = tmp_path / f"{mailbox.names()[-1]}.eml"
    oldest.unlink()
    oldest.mkdir()

    page = staff.get("/mail/").content.decode()

    assert "number 2999" in page
    assert "number 2950" in page
    assert "number 2949" not in page
    assert "1 to 50 of 3000" in page


def test_mail_message_shows_its_html_where_it_can_do_no_harm(staff, mailbox):
    message = EmailMultiAlternatives("Olá", "Plain", to=["ana@clientela.example"])
    message.attach_alternative('<a href="http://shop.example/">Shop</a>', "text/html")
    message.send()
    (name,) = mailbox.names()

    page = staff.get(reverse("mail_message", args=[name])).content.decode()

    assert "&lt;a href=&quot;http://shop.example/&quot;&gt;Shop" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "X-Envelope-To: ana@clientela.example" in page


@pytest.mark.parametrize("name", ["1795299692000000000-000001", "passwd", "..%2F..%2Fkeys.json"])
def test_mail_message_that_is_not_there_is_not_found(staff, mailbox, name):
    assert staff.get(f"/mail/{name}/").status_code == 404
