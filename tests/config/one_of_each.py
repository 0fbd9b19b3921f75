"""One record of every model with pages, so that each page is walked with something to show."""

from django.contrib.auth.models import Group
from django.db.models import Model
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from common.access.guesses import count_try
from common.enums import FileFormat, Guessed, Role, Scope
from common.models import Export
from common.operations import audit
from consent.enums import (
    Channel,
    RequestDoor,
    RequestKind,
    RestrictionReason,
    SuppressionReason,
)
from consent.models import CollectionPoint, Notice, PrivacySettings, Purpose, Restriction
from consent.operations.inbound import hear
from consent.operations.retention import begin_retention
from consent.operations.subject_requests import ask
from consent.operations.suppressions import suppress
from customers.enums import Category, ContactChannel, ImportState
from customers.models import (
    AttributeDefinition,
    Cart,
    Case,
    ConsumerFault,
    ConsumerPosition,
    Customer,
    DeclaredKind,
    DuplicateCandidate,
    ErasureRequest,
    ImportJob,
    SavedMapping,
    SensitiveTopic,
    SurveyAnswer,
)
from customers.operations.merges import merge
from customers.operations.sealing import seal_for
from loyalty.enums import TransactionKind
from loyalty.models import Member, Programme, Tier, Transaction
from segments.operations.handpicking import add_by_hand
from tests.customers.webhooks.factories import make_delivery, make_webhook
from tests.factories import (
    NOW,
    make_api_key,
    make_apology,
    make_campaign,
    make_choice,
    make_customer,
    make_launched,
    make_notice_version,
    make_offer,
    make_order,
    make_product,
    make_redemption,
    make_user,
    make_voucher,
)


def one_of_each() -> dict[type[Model], Model]:
    customer = make_customer()
    records = [
        customer,
        *of_staff(),
        *of_the_scheduler(),
        *of_customers(customer),
        *of_campaigns(customer),
        *of_loyalty(customer),
    ]
    return {type(record): record for record in records}


def of_staff() -> list[Model]:
    user = make_user()
    key, _ = make_api_key(Scope.READ_CUSTOMERS)
    return [
        user,
        key,
        audit("profile_seen", user, at=NOW, by=user),
        Export.objects.create(
            actor=user, subject_type="customers.customer", format=FileFormat.CSV, started_at=NOW
        ),
        Group.objects.get(name=Role.ANALYST),
        count_try(Guessed.PASSWORD, who="ana", at=NOW, user=user),
    ]


def of_the_scheduler() -> list[Model]:
    interval = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.MINUTES)
    return [
        interval,
        PeriodicTask.objects.create(name="look", task="look", interval=interval),
        ClockedSchedule.objects.create(clocked_time=NOW),
        CrontabSchedule.objects.create(),
        SolarSchedule.objects.create(event="sunset", latitude=-8, longitude=-35),
    ]


def of_customers(customer: Customer) -> list[Model]:
    facts = {"customer": customer}
    blocked = suppress(
        "gone@mail.example", channel=Channel.EMAIL, reason=SuppressionReason.MANUAL, at=NOW
    )
    assert blocked
    webhook = make_webhook()
    return [
        blocked,
        make_order(customer),
        make_product(),
        Cart.objects.create(external_id="cart-1", total=10, changed_at=NOW, **facts),
        Case.objects.create(
            reference="case-1",
            channel=ContactChannel.PHONE,
            subject="Where is my order?",
            opened_at=NOW,
            **facts,
        ),
        ImportJob.objects.create(
            kind="customers",
            file_name="people.csv",
            file="imports/people.csv",
            state=ImportState.CANCELLED,
        ),
        merge(make_customer(), make_customer(), by=None, at=NOW),
        DuplicateCandidate.objects.create(
            first=customer, second=make_customer(), reasons=["phone"], score=40, found_at=NOW
        ),
        ErasureRequest.objects.create(
            customer=customer,
            reason_sealed=seal_for(customer, "Asked for it", at=NOW),
            requested_by=make_user(),
            requested_at=NOW,
        ),
        SensitiveTopic.objects.get(pk="health"),
        SavedMapping.objects.create(name="Spreadsheet", kind="customers", mapping={}),
        SurveyAnswer.objects.create(reference="1", score=9, answered_at=NOW, **facts),
        DeclaredKind.objects.create(
            code="shop.recipe_saved", label="Recipe saved", category=Category.BROWSING
        ),
        *of_consumers(),
        AttributeDefinition.objects.create(code="shoe_size", label="Shoe size", type="number"),
        webhook,
        make_delivery(webhook),
        Purpose.objects.get(pk="marketing"),
        hear(
            channel=Channel.SMS,
            sender="+5511987654321",
            text="quero sair dessa lista",
            reference="m-1",
            at=NOW,
        ),
        PrivacySettings.objects.create(),
        Restriction.objects.create(reason=RestrictionReason.DISPUTED, since=NOW, **facts),
        begin_retention(at=NOW),
        Notice.objects.get(pk="standard"),
        make_notice_version(published_at=None),
        CollectionPoint.objects.get(pk="till"),
        *make_choice(customer, channels=[Channel.EMAIL]),
        ask(customer, RequestKind.ACCESS, door=RequestDoor.PHONE, at=NOW),
    ]


def of_consumers() -> list[Model]:
    position = ConsumerPosition.objects.create(name="loyalty.orders", updated_at=NOW)
    place = {"generation": 1, "xid": 1, "event_id": 1}
    fault = ConsumerFault.objects.create(
        consumer=position, kind="customers.order_placed", error="KeyError", at=NOW, **place
    )
    return [position, fault]


def of_campaigns(customer: Customer) -> list[Model]:
    launched = make_launched(customer)
    draft = make_campaign(segment=launched.segment, template=launched.template)
    offer = make_offer()
    voucher, code = make_voucher(offer=offer, customer=customer)
    return [
        launched.segment,
        add_by_hand(launched.segment, customer, reason="Asked us.", by=None, at=NOW),
        launched.template,
        launched.messages.get(),
        draft,
        offer,
        voucher,
        make_redemption(code, customer=customer),
        make_apology(customer),
    ]


def of_loyalty(customer: Customer) -> list[Model]:
    programme = Programme.objects.first() or Programme.objects.create(name="Club")
    tier = programme.tiers.first() or Tier.objects.create(
        programme=programme, name="Silver", rank=1, minimum_spend=0
    )
    member = Member.objects.create(customer=customer, programme=programme, tier=tier)
    transaction = Transaction.objects.create(
        member=member, kind=TransactionKind.EARNED, occurred_at=NOW, reference="order:1"
    )
    return [programme, tier, member, transaction]
