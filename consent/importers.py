"""Files of consent: who chose what, when, and where they were asked."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from consent.enums import Act, Channel, PointKind
from consent.operations.choices import project
from customers.enums import Category, CellType
from customers.importers.people import customer_column
from customers.models import Customer
from customers.operations.imports import Chunk
from customers.rules.files import Check, Column, FileKind, Foresight, Reference, Touch

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


def _write(chunk: Chunk) -> None:
    customers = chunk.ids("SELECT DISTINCT customer_id FROM {units} WHERE known_id IS NULL")
    # The locks make a choice made now and one from the file take turns.
    people = Customer.objects.select_for_update(no_key=True).filter(pk__in=customers)
    list(people.order_by("pk").values_list("pk"))
    chunk.run(
        """
        INSERT INTO consent_consentevent
            (customer_id, purpose_id, channel, category, act, basis, collection_point_id,
             actor_kind, occurred_at, recorded_at, valid_until, reference)
        SELECT u.customer_id, u.purpose_id, coalesce(u.channel, ''), coalesce(u.category, ''),
               u.act, p.basis, coalesce(u.source, 'import'),
               'file', coalesce(u.occurred_at, %(at)s), %(at)s,
               CASE WHEN u.act = 'given' THEN u.occurred_at + p.valid_days * interval '1 day' END,
               u.event_reference
        FROM {units} u JOIN consent_purpose p ON p.code = u.purpose_id
        WHERE u.known_id IS NULL ORDER BY u.customer_id, u.occurred_at, u.n
        """
    )
    project(customers, at=chunk.at)


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
            choices={point.value: point.value for point in PointKind if point != PointKind.IMPORT},
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
    ),
    units=f"""
        SELECT s.*, {_ACT} AS act, {_REFERENCE} AS event_reference, t.id AS known_id,
               false AS differs
        FROM {{rows}} s LEFT JOIN consent_consentevent t ON t.reference = {_REFERENCE}
    """,
    write=_write,
    writes=("consent_permission",),
)

FILE_KINDS = [CONSENTS]


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
