"""Files of consent: who chose what, when, and where they were asked."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from consent.enums import Act, Channel, PointKind, SuppressionReason
from consent.models import CollectionPoint
from consent.operations.choices import project
from consent.rules.suppressions import TOLD_BY_PROGRAMS
from customers.enums import Category, CellType
from customers.importers.people import customer_column
from customers.models import Customer
from customers.operations.imports import Chunk
from customers.operations.sealing import sealer_for
from customers.rules.files import Check, Column, FileKind, Foresight, Reference, Touch, plain

# Without the place and the time of the choice nobody can prove it: a "yes" then counts for
# nothing. A "no" needs no proof.
_ACT = """
    CASE WHEN s.kind = 'given' AND (s.source IS NULL OR s.occurred_at IS NULL)
         THEN 'imported_unproven' ELSE s.kind END
"""
# The same choice in another file is the same choice.
_REFERENCE = f"""
    concat_ws(':', 'file', s.customer_id, s.purpose_id, coalesce(s.channel, s.category), {_ACT},
              coalesce(extract(epoch FROM s.occurred_at)::text, 'undated'))
"""


# The words that the file names, in the person's language where there are such.
_TEXT = """
    (SELECT text.id FROM consent_noticetext text
     JOIN consent_noticeversion version ON version.id = text.version_id
     WHERE version.notice_id = u.notice AND version.number = u.notice_version
     ORDER BY text.language = c.language DESC, text.language DESC LIMIT 1)
"""


def _write(chunk: Chunk) -> None:
    customers = chunk.ids("SELECT DISTINCT customer_id FROM {units} WHERE known_id IS NULL")
    # The locks make a choice made now and one from the file take turns.
    people = Customer.objects.select_for_update(no_key=True).filter(pk__in=customers)
    list(people.order_by("pk").values_list("pk"))
    _seal_evidence(chunk)
    chunk.run(
        f"""
        INSERT INTO consent_consentevent
            (customer_id, purpose_id, channel, category, act, basis, collection_point_id,
             notice_text_id, evidence_sealed, actor_kind, occurred_at, recorded_at, valid_until,
             reference)
        SELECT u.customer_id, u.purpose_id, coalesce(u.channel, ''), coalesce(u.category, ''),
               u.act, p.basis, coalesce(u.source, 'import'), {_TEXT}, evidence.sealed,
               'file', coalesce(u.occurred_at, %(at)s), %(at)s,
               CASE WHEN u.act = 'given' THEN u.occurred_at + p.valid_days * interval '1 day' END,
               u.event_reference
        FROM {{units}} u
        JOIN consent_purpose p ON p.code = u.purpose_id
        JOIN customers_customer c ON c.id = u.customer_id
        LEFT JOIN import_evidence evidence ON evidence.n = u.n
        WHERE u.known_id IS NULL ORDER BY u.customer_id, u.occurred_at, u.n
        """
    )
    project(customers, at=chunk.at)


def _seal_evidence(chunk: Chunk) -> None:
    """Seal what proves the chunk's choices with each person's key, as ``import_evidence``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n, customer_id, evidence FROM {chunk.units}"
            " WHERE known_id IS NULL AND evidence IS NOT NULL"
        )
        found = cursor.fetchall()
        seal = sealer_for([customer for _n, customer, _words in found], at=chunk.at)
        cursor.execute("DROP TABLE IF EXISTS import_evidence")
        cursor.execute(
            "CREATE TEMP TABLE import_evidence ON COMMIT DROP AS"
            " SELECT unnest(%s::bigint[]) AS n, unnest(%s::bytea[]) AS sealed",
            [[n for n, *_ in found], [seal(customer, words) for _n, customer, words in found]],
        )


def _points() -> dict[str, str]:
    """Return where choices are made, by code and by name in both languages."""
    return {
        plain(word): point.code
        for point in CollectionPoint.objects.exclude(kind=PointKind.IMPORT)
        for word in (point.name_en, point.name_pt, point.code)
    }


CONSENTS = FileKind(
    code="consents",
    label=_("Consents"),
    help=_(
        "One row a choice about one channel or one kind of data. A yes without the place and the"
        " time at which it was given is kept as a claim and permits nothing."
    ),
    columns=(
        customer_column(),
        Column(
            "purpose",
            _("purpose"),
            also=("finalidade",),
            required=True,
            refers=Reference(
                table="consent_purpose", column="code", unknown="unknown_purpose", key="code"
            ),
        ),
        Column(
            "channel",
            _("channel"),
            CellType.CHOICE,
            also=("canal",),
            choices={
                **{channel.value: channel.value for channel in Channel},
                "e_mail": Channel.EMAIL.value,
                "correio": Channel.POST.value,
            },
        ),
        Column(
            "category",
            _("kind of data"),
            CellType.CHOICE,
            also=("categoria", "data_category"),
            choices={category.value: category.value for category in Category},
            # A choice is about a channel or about a kind of data.
            example="",
        ),
        Column(
            "kind",
            _("choice"),
            CellType.CHOICE,
            also=("act", "escolha", "consent", "consentimento", "opt_in"),
            required=True,
            choices={
                **{act.value: act.value for act in (Act.REFUSED, Act.WITHDRAWN, Act.OBJECTED)},
                **dict.fromkeys(
                    ("given", "yes", "sim", "s", "true", "1", "aceito"), Act.GIVEN.value
                ),
                **dict.fromkeys(("no", "nao", "n", "false", "0", "recusado"), Act.REFUSED.value),
                **dict.fromkeys(("retirado", "revogado", "opt_out"), Act.WITHDRAWN.value),
            },
        ),
        Column(
            "occurred_at",
            _("chosen at"),
            CellType.MOMENT,
            also=("data", "date", "escolhido_em", "consented_at"),
        ),
        Column(
            "source",
            _("collected at"),
            CellType.CHOICE,
            also=("origem", "fonte", "collection_point", "coletado_em"),
            choices_now=_points,
        ),
        Column("notice", _("notice"), also=("aviso", "notice_code"), example="standard"),
        Column(
            "notice_version",
            _("version of the notice"),
            CellType.WHOLE,
            also=("versao_do_aviso", "versao"),
            example="1",
        ),
        Column(
            "evidence",
            _("evidence"),
            also=("comprovacao", "prova", "proof"),
            longest=2000,
            example="",
        ),
    ),
    key=("customer", "occurred_at", "purpose", "channel", "category", "kind"),
    checks=(
        # As in ``record_choice``; a file knows nothing that is later than itself.
        Check(
            "in_future",
            "occurred_at",
            "SELECT s.line, s.occurred_at::text FROM {rows} s"
            " JOIN customers_importjob job ON job.id = %(job)s"
            " WHERE s.occurred_at > job.created_at + interval '5 minutes'",
        ),
        Check(
            "one_scope",
            "channel",
            "SELECT s.line, coalesce(s.channel, '') FROM {rows} s"
            " WHERE (s.channel IS NULL) = (s.category IS NULL)",
        ),
        Check(
            "unknown_notice",
            "notice",
            "SELECT s.line, concat_ws(' ', s.notice, s.notice_version) FROM {rows} s"
            " WHERE coalesce(s.notice, s.notice_version::text) IS NOT NULL AND NOT EXISTS ("
            "  SELECT FROM consent_noticeversion version"
            "  JOIN consent_noticeversion_purposes about ON about.noticeversion_id = version.id"
            "  WHERE version.notice_id = s.notice AND version.number = s.notice_version"
            "  AND about.purpose_id = s.purpose_id AND version.published_at IS NOT NULL)",
        ),
    ),
    units=f"""
        SELECT s.*, {_ACT} AS act, {_REFERENCE} AS event_reference, t.id AS known_id,
               false AS differs
        FROM {{rows}} s LEFT JOIN consent_consentevent t ON t.reference = {_REFERENCE}
    """,
    write=_write,
    writes=("consent_permission",),
)

_WHY = f"coalesce(s.reason, '{SuppressionReason.DO_NOT_CALL.value}')"
# A phone is blocked for calls of every kind: SMS and WhatsApp alike.
_STANDING = """
    EXISTS (SELECT FROM consent_suppression b WHERE b.channel = '{channel}'
            AND b.contact_hash = s.{address}_hash AND b.reason = {why} AND b.purpose_id IS NULL
            AND b.lifted_at IS NULL)
"""


def _block(chunk: Chunk) -> None:
    chunk.run(
        """
        INSERT INTO consent_suppression
            (channel, contact_hash, reason, source, lift_reason, created_at)
        SELECT of_row.channel, of_row.contact_hash, u.why, 'file', '', %(at)s
        FROM {units} u, LATERAL (VALUES
            ('email', u.email_hash), ('sms', u.phone_hash), ('whatsapp', u.phone_hash)
        ) AS of_row(channel, contact_hash)
        WHERE u.known_id IS NULL AND of_row.contact_hash IS NOT NULL
        ORDER BY of_row.channel, of_row.contact_hash
        ON CONFLICT DO NOTHING
        """
    )


SUPPRESSIONS = FileKind(
    code="suppressions",
    label=_("Blocked addresses"),
    help=_(
        "One row an e-mail or a phone that is not to be written to, such as a do-not-call"
        " register. Addresses are kept as hashes; the file's rows are deleted after three days."
    ),
    columns=(
        Column(
            "email", _("e-mail"), CellType.EMAIL, also=("e_mail", "mail", "address"), longest=254
        ),
        Column(
            "phone",
            _("phone"),
            CellType.PHONE,
            also=("telefone", "celular", "numero", "number", "msisdn"),
            longest=40,
        ),
        Column(
            "reason",
            _("reason"),
            CellType.CHOICE,
            also=("motivo",),
            choices={
                **{reason.value: reason.value for reason in TOLD_BY_PROGRAMS},
                **dict.fromkeys(("bounce", "bounced"), SuppressionReason.HARD_BOUNCE.value),
                **dict.fromkeys(("complained", "spam"), SuppressionReason.COMPLAINT.value),
                **dict.fromkeys(
                    ("unsubscribed", "opt_out", "descadastrado", "sair"),
                    SuppressionReason.STOP.value,
                ),
                **dict.fromkeys(
                    ("nao_me_ligue", "nao_perturbe"), SuppressionReason.DO_NOT_CALL.value
                ),
            },
        ),
    ),
    key=("email", "phone", "reason"),
    checks=(
        Check(
            "no_address",
            "email",
            "SELECT s.line, '' FROM {rows} s WHERE s.email IS NULL AND s.phone IS NULL",
        ),
    ),
    units=f"""
        SELECT s.*, {_WHY} AS why, false AS differs,
               CASE WHEN (s.email_hash IS NULL
                          OR {_STANDING.format(channel="email", address="email", why=_WHY)})
                     AND (s.phone_hash IS NULL
                          OR {_STANDING.format(channel="sms", address="phone", why=_WHY)}
                         AND {_STANDING.format(channel="whatsapp", address="phone", why=_WHY)})
                    THEN 0::bigint END AS known_id
        FROM {{rows}} s
    """,
    write=_block,
    people="",
    writes=("consent_suppression",),
    also_for="consent.add_suppression",
)

FILE_KINDS = [CONSENTS, SUPPRESSIONS]


def _choices(foresight: Foresight, acts: Sequence[Act]) -> Sequence[Mapping[str, Any]]:
    if foresight.kind.code != CONSENTS.code:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT customer_id)"
            f" FROM {foresight.new} AS choice WHERE act = ANY(%s)",
            [[act.value for act in acts]],
        )
        choices, people = cursor.fetchone()
    return [{"choices": choices, "people": people}] if choices else []


TOUCHES = [
    Touch(
        "consent.given",
        _("Permissions given with evidence: %(choices)s, by people: %(people)s."),
        partial(_choices, acts=(Act.GIVEN,)),
    ),
    Touch(
        "consent.unproven",
        _(
            "Claims of permission without evidence: %(choices)s, of people: %(people)s. They are"
            " kept as claims and permit nothing."
        ),
        partial(_choices, acts=(Act.IMPORTED_UNPROVEN,)),
    ),
    Touch(
        "consent.refused",
        _(
            "Permissions refused, withdrawn or objected to: %(choices)s, by people: %(people)s."
            " These people are no longer written to."
        ),
        partial(_choices, acts=(Act.REFUSED, Act.WITHDRAWN, Act.OBJECTED)),
    ),
]
