"""What the demo prints when it is ready: who may sign in, and five places worth a look."""

from django.urls import reverse

from campaigns.models import Campaign, Redemption
from config.demo.plans import CAMPAIGN
from config.demo.seeding import INVENTED
from config.demo.staff import PASSWORD, STAFF
from customers.models import Customer
from segments.models import Segment


def tour(address: str) -> str:
    sign_ins = [f"  {person.username:<8} {PASSWORD:<16} {person.role.label}" for person in STAFF]
    places = [
        f"  {number}. {title:<44} {address}{path}"
        for number, (title, path) in enumerate(_places(), start=1)
    ]
    return "\n".join(["  Sign in as", *sign_ins, "", "  Have a look at", *places, ""])


def _places() -> list[tuple[str, str]]:
    campaign = Campaign.objects.get(name=CAMPAIGN)
    segment = Segment.objects.get(name="Regulars")
    redeemed = Redemption.objects.filter(note=INVENTED).order_by("-redeemed_at").first()
    person = redeemed.customer if redeemed else Customer.objects.order_by("pk").first()
    return [
        ("Did it pay? A campaign and its control group", _page("campaigns_campaign", campaign)),
        ("Whom it went to: a segment and its rule", _page("segments_segment", segment)),
        (
            "A customer who used the voucher",
            reverse("admin:customers_customer_profile", args=[person.pk if person else 0]),
        ),
        (
            "An apology that waits for a second person",
            reverse("admin:campaigns_apology_changelist"),
        ),
        ("The e-mails that went out", reverse("mail")),
    ]


def _page(name: str, record: Campaign | Segment) -> str:
    return reverse(f"admin:{name}_change", args=[record.pk])
