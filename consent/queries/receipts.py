from django.conf import settings
from django.utils.translation import get_language

from common.keys import keyed_hash
from consent.models import ConsentEvent, NoticeText
from consent.rules.receipts import Receipt, TextShown
from customers.models import Customer


def choice_of(customer: Customer, event: int) -> ConsentEvent | None:
    """Return a choice of this person by its id; nobody else's."""
    related = ("purpose", "collection_point", "notice_text__version")
    events = ConsentEvent.objects.filter(customer=customer).select_related(*related)
    return events.filter(pk=event).first()


def receipt_of(event: ConsentEvent) -> Receipt:
    """Return the receipt of a choice in the active language; it names nobody."""
    return Receipt(
        record=bytes(event.row_hash).hex(),
        principal=keyed_hash(str(event.customer_id), use="receipt").hex()[:32],
        controller=settings.SHOP_NAME,
        contact=settings.DATA_PROTECTION_OFFICER,
        purpose=str(event.purpose),
        explanation=event.purpose.explanation,
        basis=event.get_basis_display(),
        channel=event.get_channel_display() if event.channel else "",
        category=event.get_category_display() if event.category else "",
        collected_at=_point(event),
        act=event.act,
        chosen_at=event.occurred_at,
        recorded_at=event.recorded_at,
        valid_until=event.valid_until,
        language=get_language() or "",
        text=_text(event.notice_text) if event.notice_text else None,
    )


def _point(event: ConsentEvent) -> str:
    version = event.collection_version
    return f"{event.collection_point} ({version})" if version else str(event.collection_point)


def _text(text: NoticeText) -> TextShown:
    return TextShown(
        notice=text.version.notice_id,
        version=text.version.number,
        language=text.language,
        body=text.body,
        sha256=bytes(text.body_sha256).hex(),
        recipients=text.recipients,
        retention=text.retention,
    )
