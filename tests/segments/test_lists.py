"""Lists: segments without a rule."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from campaigns.queries.audience import categories_used
from common.models import AuditEntry
from consent.enums import Act, Channel
from customers.enums import Category
from segments.compiler import matching, still_meant
from segments.enums import Cause
from segments.exports import still_members
from segments.models import Segment
from segments.operations.handpicking import add_by_hand, remove_by_hand, take_back
from segments.operations.listing import NothingToKeep, keep_as_list
from segments.operations.refreshing import (
    Delta,
    count_reachable_of_lists,
    keep_waiting_fresh,
    refresh,
)
from segments.operations.saving import NameTaken, OtherNature, save_segment
from segments.queries import members, rule_of, sentence_of, stays
from segments.rules import BadRule
from tests.factories import (
    NOW,
    allow,
    make_campaign,
    make_choice,
    make_customer,
    make_template,
    make_user,
)
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
A_DAY = timedelta(days=1)


def make_list(**facts) -> Segment:
    return make_segment(rule=None, **facts)


def porto():
    return allow(make_customer(city="Porto"), Channel.EMAIL)


def filled(**facts) -> Segment:
    segment = make_segment(**facts)
    refresh(segment, at=NOW)
    return segment


def keep(segment, *, at=LATER, name="Kept", **facts) -> Segment:
    return keep_as_list(segment, name=name, by=None, at=at, **facts)


def fill(kept, *, at=LATER, **facts) -> Segment:
    refresh(kept, at=at, **facts)
    return kept


def by_cause(segment):
    standing = segment.memberships.filter(left_at=None).order_by("pk")
    return list(standing.values_list("customer", "cause"))


def test_a_list_is_right_at_once_and_says_what_it_is():
    kept = make_list()

    assert (kept.filled_at, kept.refreshed_at, kept.member_count) == (NOW, NOW, 0)
    assert sentence_of(kept) == "A list kept by hand."
    with override("pt-br"):
        assert sentence_of(kept) == "Uma lista mantida à mão."
    assert not Segment.objects.waiting(at=LATER).exists()


def test_people_are_put_into_a_list_by_hand_and_a_refresh_leaves_them_there():
    kept, ana, eva = make_list(), make_customer(), make_customer()
    pick = add_by_hand(kept, ana, reason="Sings.", by=None, at=NOW)
    add_by_hand(kept, eva, reason="Sings.", by=None, at=NOW)

    take_back(pick, by=None, at=LATER)

    assert refresh(Segment.objects.get(pk=kept.pk), at=LATER) == Delta(entered=0, left=0)
    assert by_cause(kept) == [(eva.pk, Cause.MANUAL)]
    assert Segment.objects.get(pk=kept.pk).member_count == 1


def test_a_segment_stays_what_it_is():
    kept, ruled = make_list(), make_segment()

    kept.rule, ruled.rule = IN_PORTO, None
    for segment in (kept, ruled):
        with pytest.raises(OtherNature):
            save_segment(segment, by=None, at=LATER)


# Kept as they were


def test_the_members_are_kept_as_they_are_whatever_becomes_of_the_segment():
    stays_here, moves_away = porto(), porto()
    segment, user = filled(name="Porto"), make_user()

    kept = keep_as_list(segment, name="Porto in March", by=user, at=LATER)
    assert list(Segment.objects.waiting(at=LATER)) == [kept]
    keep_waiting_fresh(clock=lambda: LATER)
    moves_away.city = "Faro"
    moves_away.save()
    porto()
    for each in (segment, kept):
        each.refresh_from_db()
        refresh(each, at=LATER + A_DAY)

    assert by_cause(kept) == [(stays_here.pk, Cause.SNAPSHOT), (moves_away.pk, Cause.SNAPSHOT)]
    assert (kept.member_count, kept.origin, kept.origin_as_of) == (2, segment, LATER)
    entry = AuditEntry.objects.get(action="segments.kept_as_list")
    assert (entry.subject_id, entry.actor) == (segment.pk, user)


def test_the_members_are_kept_as_they_were_on_a_day_in_the_past():
    left, comes = porto(), make_customer(city="Faro")
    segment = filled()
    left.city = "Faro"
    left.save()
    refresh(segment, at=NOW + 2 * A_DAY)
    allow(comes)
    comes.city = "Porto"
    comes.save()
    refresh(segment, at=NOW + 3 * A_DAY)

    kept = fill(keep(segment, at=NOW + 4 * A_DAY, as_of=NOW + A_DAY), at=NOW + 4 * A_DAY)

    assert by_cause(kept) == [(left.pk, Cause.SNAPSHOT)]


def test_a_list_is_filled_in_chunks_and_shows_when_it_is_complete():
    people = [porto() for _ in range(5)]
    kept = keep(filled())

    assert refresh(kept, at=LATER, chunk=2) == Delta(entered=5, left=0)
    assert set(members(kept)) == set(people)


def test_a_list_says_where_it_is_from():
    kept = keep(filled(name="Porto"))

    assert sentence_of(kept) == (
        "The members of “Porto” as of 03/02/2026 10 a.m., kept as a list. (City is Porto)"
    )
    with override("pt-br"):
        assert sentence_of(kept) == (
            "Os membros de “Porto” em 02/03/2026 10:00, mantidos como lista. (Cidade é Porto)"
        )


def test_a_list_outlives_the_segment_it_is_from():
    people, segment = [porto()], filled(name="Porto")
    kept = fill(keep(segment))

    segment.delete()

    kept.refresh_from_db()
    assert list(members(kept)) == people
    assert "“Porto”" in sentence_of(kept)


def test_who_was_not_found_yet_and_what_is_to_come_cannot_be_kept():
    with pytest.raises(NothingToKeep):
        keep(make_segment())
    with pytest.raises(NothingToKeep) as refusal:
        keep(filled(), as_of=LATER + A_DAY)
    assert refusal.value.field == "as_of"


def test_a_name_is_given_once():
    segment = filled(name="Porto")

    with pytest.raises(NameTaken):
        keep(segment, name="Porto")


# Permission


def test_the_data_that_chose_the_people_of_a_list_are_asked_for_again():
    may, withdrew = porto(), porto()
    kept = fill(keep(filled()))
    make_choice(withdrew, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])

    shown = still_meant(stays(kept), segment=kept, at=LATER)

    assert [stay.customer for stay in shown] == [may]
    assert [stay.customer for stay in still_members(kept, at=LATER)] == [may]
    used = {Category.IDENTITY, Category.DEMOGRAPHIC}
    campaign = make_campaign(segment=kept, template=make_template())
    assert used <= categories_used(campaign)


def test_whoever_was_put_into_a_list_by_hand_is_shown():
    kept, ana = make_list(), make_customer()
    add_by_hand(kept, ana, reason="Sings.", by=None, at=NOW)

    assert [stay.customer for stay in still_meant(stays(kept), segment=kept, at=LATER)] == [ana]


def test_the_purpose_of_chosen_people_does_not_change():
    kept = fill(keep(filled()))
    kept.purpose_id = "transactional"

    with pytest.raises(OtherNature):
        save_segment(kept, by=None, at=LATER)


# Asked by rules


def test_a_rule_may_ask_who_is_in_a_list():
    inside, outside = porto(), porto()
    kept = make_list()
    add_by_hand(kept, inside, reason="Sings.", by=None, at=NOW)
    asks = {"trait": "segments.member", "operator": "inside", "value": [str(kept.pk)]}
    segment = make_segment(rule={"all": [*IN_PORTO["all"], asks]})

    refresh(segment, at=LATER)

    assert list(members(segment)) == [inside]
    assert outside not in members(segment)


def test_a_rule_that_asks_for_a_list_uses_the_data_that_chose_its_people():
    kept = fill(keep(filled()))
    asks = {"trait": "segments.member", "operator": "inside", "value": [str(kept.pk)]}

    assert Category.DEMOGRAPHIC in rule_of(make_segment(rule={"all": [asks]})).categories


def test_a_list_of_another_purpose_is_refused():
    kept = make_list(purpose_id="transactional")
    asks = {"trait": "segments.member", "operator": "inside", "value": [str(kept.pk)]}

    with pytest.raises(BadRule):
        make_segment(rule={"all": [asks]})


def test_what_a_list_asks_is_who_is_in_it():
    kept, ana = make_list(), porto()
    add_by_hand(kept, ana, reason="Sings.", by=None, at=NOW)

    assert list(matching(rule_of(kept), purpose=kept.purpose, at=LATER)) == [ana]


def test_how_many_can_be_reached_follows_what_people_do_to_a_list():
    kept, ana = make_list(), porto()
    assert reachable(kept) == 0

    pick = add_by_hand(kept, ana, reason="Sings.", by=None, at=NOW)
    assert reachable(kept) == 1

    take_back(pick, by=None, at=LATER)
    assert reachable(kept) == 0


def reachable(segment: Segment) -> int | None:
    """Return what the page shows once the workers have had their turn."""
    count_reachable_of_lists(clock=lambda: LATER)
    segment.refresh_from_db()
    return segment.reachable


# Taken back


def test_whoever_was_removed_from_a_list_comes_back_as_they_were():
    ana = porto()
    kept = fill(keep(filled()))
    pick = remove_by_hand(kept, ana, reason="Asked us.", by=None, at=LATER)
    assert not members(kept).exists()

    take_back(pick, by=None, at=LATER + A_DAY)

    assert by_cause(kept) == [(ana.pk, Cause.SNAPSHOT)]


def test_adding_somebody_who_is_in_a_list_and_taking_it_back_leaves_them_in():
    ana = porto()
    kept = fill(keep(filled()))

    take_back(add_by_hand(kept, ana, reason="?", by=None, at=LATER), by=None, at=LATER)

    assert by_cause(kept) == [(ana.pk, Cause.SNAPSHOT)]
