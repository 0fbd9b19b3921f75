from django.core.mail import EmailMessage, send_mail


def test_mailbox_keeps_messages_in_the_order_of_arrival(mailbox):
    send_mail("First", "Olá!", None, ["ana@clientela.example"])
    send_mail("Second", "Oi", None, ["bia@clientela.example"])

    found = mailbox.messages()

    assert [message["Subject"] for message in found] == ["First", "Second"]
    assert found[0].get_content() == "Olá!\n"


def test_mailbox_tells_whom_a_blind_copy_reached(mailbox):
    EmailMessage("Hello", to=["ana@clientela.example"], bcc=["bia@clientela.example"]).send()

    (message,) = mailbox.messages()

    assert message.get_all("X-Envelope-To") == ["ana@clientela.example", "bia@clientela.example"]
    assert "Bcc" not in message
