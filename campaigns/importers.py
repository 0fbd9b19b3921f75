"""Files of vouchers whose codes another program made, and that customers hold already."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Effect
from campaigns.rules.codes import LONGEST, SHORTEST, ending, normal_code
from customers.enums import CellType
from customers.importers.people import customer_column
from customers.operations.imports import Chunk
from customers.rules.files import WHOLE_ROW, Check, Column, FileKind, Reference, Secret, Undo

CODE = Secret(normal=normal_code, ending=ending, use="voucher", shortest=SHORTEST)

_ZONE = f"AT TIME ZONE '{settings.SHOP_TIME_ZONE}'"
_LAST_DAY = f"((t.valid_until {_ZONE}) - interval '1 microsecond')::date"

# What the file does not say is not compared, nor are uses since the code came in.
_OTHER_TERMS = f"""
    SELECT s.line, '…' || t.code_ending || ' (' || o.name || ')'
    FROM {{rows}} s JOIN campaigns_voucher t USING (code_hash)
    JOIN campaigns_offer o ON o.id = t.offer_id
    WHERE t.offer_id <> s.offer_id
       OR s.customer_id IS NOT NULL AND t.customer_id IS DISTINCT FROM s.customer_id
       OR s.amount IS NOT NULL AND t.amount IS DISTINCT FROM s.amount
       OR s.last_day <> {_LAST_DAY}
       OR s.use_limit <> t.use_limit
       OR s.use_count <> t.uses_before
"""


def _write(chunk: Chunk) -> None:
    # One that is over already begins the day before its end: whoever holds it is told so.
    chunk.write(
        "campaigns_voucher",
        f"""
        INSERT INTO campaigns_voucher (
            offer_id, customer_id, code_hash, code_sealed, code_ending, reference, amount,
            valid_from, valid_until, issued_at, use_limit, use_count, uses_before
        )
        SELECT u.offer_id, u.customer_id, u.code_hash, u.code_sealed, u.code_ending,
               'brought:' || u.code, u.amount,
               least(%(at)s, ends.at - interval '1 day'), ends.at, %(at)s,
               coalesce(u.use_limit, 1), coalesce(u.use_count, 0), coalesce(u.use_count, 0)
        FROM {{units}} u JOIN campaigns_offer o ON o.id = u.offer_id,
        LATERAL (SELECT (coalesce(u.last_day, (%(at)s {_ZONE})::date + o.valid_days::integer)
                         + 1)::timestamp {_ZONE} AS at) AS ends
        WHERE u.known_id IS NULL ORDER BY u.n
        ON CONFLICT (code_hash) DO NOTHING
        """,
        version=WHOLE_ROW.format(row="campaigns_voucher"),
    )


VOUCHERS = FileKind(
    code="vouchers",
    label=_("Voucher codes"),
    help=_(
        "One row a code that customers hold already, with the offer it stands for. Capitals,"
        " spaces and hyphens make no difference, nor do O and 0, or I, L and 1. Short codes can"
        " be guessed: name the customer, or allow few uses."
    ),
    columns=(
        Column(
            "code",
            _("code"),
            also=("codigo", "voucher", "cupom", "coupon", "vale", "voucher_code", "promo_code"),
            required=True,
            longest=LONGEST,
            secret=CODE,
            example="NATAL-7K2MP",
        ),
        Column(
            "offer",
            _("offer"),
            also=("oferta", "campaign", "campanha", "offer_name", "promotion", "promocao"),
            required=True,
            longest=100,
            refers=Reference(
                table="campaigns_offer",
                column="name",
                unknown="unknown_offer",
                # Apologies are given by a person, within limits.
                also="NOT {table}.is_apology",
            ),
        ),
        customer_column(required=False),
        Column(
            "amount",
            _("amount"),
            CellType.MONEY,
            also=("valor", "value", "balance", "saldo"),
        ),
        Column(
            "last_day",
            _("last day"),
            CellType.DATE,
            also=(
                "valid_until",
                "validade",
                "valido_ate",
                "expires_at",
                "expires_on",
                "expiration",
                "expira_em",
                "vencimento",
            ),
        ),
        Column(
            "use_limit",
            _("uses allowed"),
            CellType.WHOLE,
            also=("limit", "limite", "limite_de_usos", "max_uses", "quantity"),
            example="1",
        ),
        Column(
            "use_count",
            _("uses"),
            CellType.WHOLE,
            also=("used", "usos", "usado", "redeemed", "redeemed_quantity", "resgates"),
            example="0",
        ),
    ),
    key=("code",),
    checks=(
        Check(
            "amount_of_percentage",
            "amount",
            "SELECT s.line, s.amount::text FROM {rows} s"
            " JOIN campaigns_offer o ON o.id = s.offer_id"
            f" WHERE s.amount IS NOT NULL AND o.effect <> '{Effect.AMOUNT.value}'",
        ),
        Check(
            "nothing_off", "amount", "SELECT line, amount::text FROM {rows} s WHERE s.amount = 0"
        ),
        Check(
            "below_one",
            "use_limit",
            "SELECT line, use_limit::text FROM {rows} s WHERE use_limit < 1",
        ),
        Check(
            "used_more_than_allowed",
            "use_count",
            "SELECT line, use_count::text FROM {rows} s WHERE use_count > coalesce(use_limit, 1)",
        ),
        Check("other_voucher", "code", _OTHER_TERMS),
    ),
    units="""
        SELECT s.*, t.id AS known_id, false AS differs
        FROM {rows} s LEFT JOIN campaigns_voucher t USING (code_hash)
    """,
    write=_write,
    undo=Undo("campaigns_voucher", key="code_ending"),
    writes=("campaigns_voucher",),
)

FILE_KINDS = [VOUCHERS]
