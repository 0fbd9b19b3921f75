"""Whatever people ask, confirm and withdraw, and whenever: only a confirmed yes ever stands.

The oracle is written from the promises alone: a link counts for 48 hours and once; a no outdoes
every request made before it.
"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.errors import DomainError
from consent.enums import Act, Channel, OptInState
from consent.models import ConsentEvent, PendingOptIn, Permission, Tally
from consent.operations.opt_in_confirmations import confirm
from consent.operations.opt_ins import forget, pending_of
from tests.consent.opt_ins import ADDRESS, sign_up
from tests.factories import NOW, make_choice, make_customer

ACTS = st.one_of(
    st.just(("ask", 0)),
    st.tuples(st.just("confirm"), st.integers(0, 3)),
    st.just(("withdraw", 0)),
    st.just(("forget", 0)),
    st.tuples(st.just("wait"), st.integers(1, 50)),
)


class Oracle:
    """What must be true, in six lines."""

    def __init__(self):
        self.says, self.asked, self.used, self.denied_at = None, [], set(), None

    def confirm(self, number, at):
        asked_at = self.asked[number]
        on_time = at < asked_at + timedelta(hours=48)
        if (
            number not in self.used
            and on_time
            and not (self.denied_at and self.denied_at > asked_at)
        ):
            self.used.add(number)
            self.says = True

    def withdraw(self, at):
        self.says, self.denied_at = False, at


class PendingToConfirmed(TestCase):
    @settings(max_examples=150, derandomize=True, deadline=None)
    @given(st.lists(ACTS, max_size=14))
    def test_only_a_confirmed_yes_stands_and_only_until_the_next_no(self, acts):
        ana, oracle, tokens, at = make_customer(email=ADDRESS), Oracle(), [], NOW
        for act, number in acts:
            at += timedelta(minutes=1)
            if act == "ask":
                # How often an address may be asked about is another law.
                Tally.objects.all().delete()
                tokens.append(sign_up(at=at))
                oracle.asked.append(at)
            elif act == "confirm" and number < len(tokens):
                self._confirm(tokens[number], at)
                oracle.confirm(number, at)
            elif act == "withdraw":
                make_choice(
                    ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], occurred_at=at, at=at
                )
                oracle.withdraw(at)
            elif act == "wait":
                at += timedelta(hours=number)
            elif act == "forget":
                forget(at=at)

            permission = Permission.objects.filter(customer=ana, purpose="marketing").first()
            assert (permission.channel_email if permission else None) is oracle.says
        given_events = ConsentEvent.objects.filter(act=Act.GIVEN).count()
        assert given_events == len(oracle.used)
        assert not PendingOptIn.objects.filter(
            state=OptInState.CONFIRMED, sealed__isnull=False
        ).exists()

    def _confirm(self, pending, at):
        found = PendingOptIn.objects.filter(pk=pending.pk).first()
        if found is None:
            return
        try:
            confirm(found, at=at)
        except DomainError:
            return


def test_nonsense_finds_nothing(db):
    assert pending_of("") is None
