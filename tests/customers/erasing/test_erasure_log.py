"""A restored backup brings people back; the list beside it erases them again."""

import pytest
from django.core.management import call_command

from customers.models import Customer, Erasure
from customers.operations.erasing import erase
from customers.operations.erasure_log import replay_erasures, write_down_erasures
from loyalty.queries import faults
from tests.customers.erasing.canary import found_in_database, make_canary
from tests.factories import NOW, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log(settings, tmp_path):
    settings.ERASURE_LOG = tmp_path / "elsewhere" / "erasures.log"
    return settings.ERASURE_LOG


def leave(customer):
    return erase(customer, by=None, reason="Asked for it", at=NOW)


def restore(customer: Customer, **said):
    """Put the record back as a backup had it."""
    Erasure.objects.filter(customer=customer).delete()
    Customer.objects.filter(pk=customer.pk).update(erased_at=None, **said)


def test_who_was_erased_is_listed_once_by_a_hash(log):
    ana = make_customer(external_id="ana-4711")
    leave(ana)

    assert (write_down_erasures(), write_down_erasures()) == (1, 0)

    [line] = log.read_text().split("\n")[1:]
    assert bytes(Erasure.objects.get().number_hash).hex() in line
    assert "4711" not in line
    assert log.stat().st_mode & 0o777 == 0o600


def test_whoever_a_restore_brought_back_is_erased_again(capsys):
    ana, eva = make_canary(), make_customer(external_id="eva")
    leave(ana)
    write_down_erasures()
    restore(Customer.objects.get(merged_into=ana), external_id="loja-4712")
    restore(ana, external_id="loja-4711", first_name="Zuleica", email="zuleica@exemplo.com.br")

    call_command("replay_erasures")

    assert "1 erased again" in capsys.readouterr().out
    assert found_in_database() == set()
    assert faults() == []
    assert Customer.objects.get(pk=eva.pk).external_id == "eva"
    assert replay_erasures(at=NOW) == 0


def test_a_line_that_a_crash_cut_off_is_written_again(log):
    leave(make_customer())
    write_down_erasures()
    log.write_text(log.read_text()[:-10])

    assert (write_down_erasures(), write_down_erasures()) == (1, 0)
