import pytest
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role
from common.models import AuditEntry
from customers.enums import ProfileTab
from customers.queries.pages import profile_url
from loyalty.models import Member, Programme, Tier
from loyalty.operations.orders import settle
from loyalty.operations.points import spend
from loyalty.queries import balance, the_programme
from tests.factories import make_customer, make_order, make_user
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


def text(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def adjust_page(customer) -> str:
    return reverse("admin:loyalty_member_adjust", args=[customer.pk])


# The profile


def test_the_profile_shows_points_tier_and_what_moved_them(client, marketer):
    # A door asks for the time itself.
    at = now()
    ana = make_customer()
    settle([make_order(ana, total="620.00", ordered_at=at).pk], at=at)
    spend(Member.objects.get(), points=20, reference="reward:1", at=at, note="Mug")

    page = text(client.get(profile_url(ana.pk, ProfileTab.REWARDS)))

    assert '<dt>Tier</dt> <dd class="text-lg font-semibold text-important">Prata' in page
    assert "<dt>Points to spend</dt><dd>600</dd>" in page
    assert "Ouro, after R$ 1,380.00 more" in page
    assert "600 points on" in page
    assert "Spent: Mug" in page
    assert "+620" in page


def test_the_profile_says_how_to_become_a_member(client, marketer):
    page = client.get(profile_url(make_customer().pk, ProfileTab.REWARDS))

    assert "Not a member yet." in text(page)


# Points by hand


def test_the_form_says_what_its_button_does(client, marketer):
    page = text(client.get(adjust_page(make_customer())))

    assert "Adjust the points </button>" in page


def test_points_are_given_by_hand_once_for_one_form(client, marketer):
    ana = make_customer()
    form = {"points": "50", "reason": "Broken jar", "reference": "form-1"}

    client.post(adjust_page(ana), form)
    answer = client.post(adjust_page(ana), form)

    assert answer.status_code == 302
    assert balance(Member.objects.get(customer=ana), at=now()) == 50
    audited = AuditEntry.objects.get(action="loyalty.points_adjusted")
    assert (audited.actor, audited.reason) == (marketer, "Broken jar")


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"points": "-11", "reason": "Mistake"}, "The member has 10 points and needs 11."),
        ({"points": "0", "reason": "Mistake"}, "Say how many points to give or take."),
        ({"points": "10", "reason": ""}, "This field is required."),
        ({"points": "1000000", "reason": "Zeros"}, "less than or equal to 100000"),
    ],
)
def test_points_by_hand_are_refused_in_words(client, marketer, form, refusal):
    member = make_member(balance=10, at=now())

    answer = client.post(adjust_page(member.customer), form)

    assert refusal in text(answer)
    assert balance(member, at=now()) == 10


def test_an_agent_adjusts_no_points(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    ana = make_customer()

    answer = client.post(adjust_page(ana), {"points": "50", "reason": "Broken jar"})

    assert answer.status_code == 403
    assert not Member.objects.exists()


# Lists


def test_the_members_cost_the_same_for_one_and_for_many(
    client, marketer, django_assert_max_num_queries
):
    for number in range(20):
        make_member(customer=make_customer(first_name=f"Ana{number}"), balance=10)

    with django_assert_max_num_queries(20):
        page = client.get(reverse("admin:loyalty_member_changelist"))

    assert "Ana19 Souza" in text(page)


def test_members_are_found_as_customers_are(client, marketer):
    make_member(customer=make_customer(first_name="Ana"))
    make_member(customer=make_customer(first_name="Bia"))

    page = text(client.get(reverse("admin:loyalty_member_changelist"), {"q": "bia"}))

    assert "Bia Souza" in page
    assert "Ana Souza" not in page


def test_the_movements_cost_the_same_for_one_and_for_many(
    client, marketer, django_assert_max_num_queries
):
    for _ in range(20):
        make_member(balance=1234)

    with django_assert_max_num_queries(20):
        page = client.get(reverse("admin:loyalty_transaction_changelist"))

    assert text(page).count("1,234") == 20


# The programme


def tiers_form(*tiers: tuple[Tier | None, int, str, str]) -> dict[str, str]:
    """Return the page's form with these tiers: record, rank, name, spend from."""
    form = {
        "name": "Clube",
        "points_per_unit": "2",
        "expiry_months": "12",
        "tier_window_months": "12",
        "tiers-TOTAL_FORMS": str(len(tiers)),
        "tiers-INITIAL_FORMS": str(sum(tier is not None for tier, *_ in tiers)),
    }
    for number, (tier, rank, name, spend_from) in enumerate(tiers):
        form |= {
            f"tiers-{number}-id": str(tier.pk) if tier else "",
            f"tiers-{number}-programme": str(the_programme().pk),
            f"tiers-{number}-rank": str(rank),
            f"tiers-{number}-name": name,
            f"tiers-{number}-minimum_spend": spend_from,
        }
    return form


def programme_page() -> str:
    return reverse("admin:loyalty_programme_change", args=[the_programme().pk])


def test_marketing_sets_the_terms_and_adds_a_tier(client, marketer):
    bronze, silver, gold = the_programme().tiers.all()

    client.post(
        programme_page(),
        tiers_form(
            (bronze, 1, "Bronze", "0"),
            (silver, 2, "Prata", "800"),
            (gold, 3, "Ouro", "2000"),
            (None, 4, "Diamante", "9000"),
        ),
    )

    assert Programme.objects.get().points_per_unit == 2
    spends = the_programme().tiers.values_list("name", "minimum_spend")
    assert dict(spends) == {"Bronze": 0, "Prata": 800, "Ouro": 2000, "Diamante": 9000}
    assert AuditEntry.objects.get(action="loyalty.programme_changed").fields == ["points_per_unit"]


def test_a_higher_tier_needs_a_higher_spend(client, marketer):
    bronze, silver, gold = the_programme().tiers.all()

    answer = client.post(
        programme_page(),
        tiers_form(
            (bronze, 1, "Bronze", "0"), (silver, 2, "Prata", "2000"), (gold, 3, "Ouro", "2000")
        ),
    )

    assert "A higher tier needs a higher spend." in text(answer)
    assert Programme.objects.get().points_per_unit == 1
