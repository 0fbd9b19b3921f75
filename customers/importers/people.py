"""Files about people: themselves, their cases, and what happened to them."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from customers.enums import CaseStatus, CellType, ContactChannel, Gender, Stage
from customers.operations.imports import Upsert
from customers.queries.attributes import attributes
from customers.queries.birth_dates import birth_date_keeper
from customers.rules.files import STAMPS, Check, Column, FileKind, Reference, Undo

# Headers that name the customer in files about something else.
CUSTOMER_HEADERS = ("customer_id", "external_id", "cliente", "id_cliente", "codigo_cliente")
PRESENT_CUSTOMER = Reference(
    table="customers_customer",
    column="external_id",
    unknown="unknown_customer",
    also="{table}.erased_at IS NULL",
)


def customer_column(*, of_unit: bool = False, required: bool = True) -> Column:
    """Return the column by which a row names the customer that it is about."""
    return Column(
        "customer",
        _("Customer number"),
        also=CUSTOMER_HEADERS,
        required=required,
        longest=64,
        refers=PRESENT_CUSTOMER,
        of_unit=of_unit,
        names_customer=True,
    )


def belongs_to_other(table: str, key: str, column: str) -> Check:
    """Return the rule that a known thing does not change hands."""
    return Check(
        "other_customer",
        "customer",
        f"SELECT s.line, s.customer FROM {{rows}} s JOIN {table} t ON t.{key} = s.{column}"
        " WHERE t.customer_id <> s.customer_id",
    )


_customers = Upsert(
    table="customers_customer",
    key="external_id",
    key_value="s.external_id",
    values={
        **{
            name: f"s.{name}"
            for name in (
                "first_name", "last_name", "tax_id", "email", "email_hash", "phone", "phone_hash",
                "birth_date", "gender", "language", "timezone", "country", "state", "city",
                "postal_code", "stage", "interests", "tags", "registered_at",
            )
        },
        "attributes": "coalesce(t.attributes, jsonb_build_object()) || s.extra",
    },
    defaults={
        **dict.fromkeys(
            (
                "first_name", "last_name", "tax_id", "email", "phone", "gender", "language",
                "timezone", "country", "state", "city", "postal_code",
            ),
            "''",
        ),
        "stage": f"'{Stage.PROSPECT.value}'",
        "interests": "ARRAY[]::varchar[]",
        "tags": "ARRAY[]::varchar[]",
        "attributes": "jsonb_build_object()",
        "registered_at": "%(at)s",
    },
    stamps={"updated_at": "%(at)s", "imported_by_id": "%(job)s"},
    births={"created_at": "%(at)s"},
    version=STAMPS,
)  # fmt: skip

_by_number = FileKind(
    code="customers",
    label=_("Customers"),
    help=_("One row a customer. An empty cell leaves what is known as it is."),
    extra=_("Attribute"),
    attributes=attributes,
    columns=(
        Column(
            "external_id",
            _("Customer number"),
            also=(*CUSTOMER_HEADERS, "id", "codigo", "customer"),
            required=True,
            longest=64,
            names_customer=True,
        ),
        Column("first_name", _("first name"), also=("nome", "primeiro_nome"), longest=100),
        Column("last_name", _("last name"), also=("sobrenome", "surname"), longest=100),
        Column(
            "email",
            _("e-mail"),
            CellType.EMAIL,
            also=("e_mail", "mail", "email_address", "endereco_de_email", "correio_eletronico"),
            longest=254,
        ),
        Column(
            "phone",
            _("phone"),
            CellType.PHONE,
            also=("telefone", "celular", "mobile", "fone", "whatsapp", "phone_number"),
            longest=40,
        ),
        Column(
            "tax_id",
            _("CPF or CNPJ"),
            CellType.TAX_ID,
            also=("cpf", "cnpj", "cpf_cnpj", "cpf_ou_cnpj", "documento", "tax_number", "vat_id"),
            longest=40,
        ),
        Column(
            "birth_date",
            _("birth date"),
            CellType.DATE,
            also=("data_de_nascimento", "data_nascimento", "nascimento", "birthday", "birthdate"),
            past=True,
            kept_now=birth_date_keeper,
        ),
        Column(
            "gender",
            _("gender"),
            CellType.CHOICE,
            also=("genero", "sexo", "sex"),
            choices={
                **{gender.value: gender.value for gender in Gender},
                **dict.fromkeys(("f", "feminino", "mulher", "woman"), Gender.FEMALE.value),
                **dict.fromkeys(("m", "masculino", "homem", "man"), Gender.MALE.value),
                **dict.fromkeys(("o", "outro", "outros"), Gender.OTHER.value),
            },
        ),
        Column("language", _("language"), also=("idioma", "lingua", "locale"), longest=8),
        Column("timezone", _("time zone"), also=("fuso_horario", "time_zone"), longest=64),
        Column("country", _("country"), also=("pais", "country_code"), longest=2),
        Column("state", _("state"), also=("estado", "uf", "province"), longest=64),
        Column("city", _("city"), also=("cidade", "municipio", "town"), longest=100),
        Column(
            "postal_code", _("postal code"), also=("cep", "zip", "zip_code", "zipcode"), longest=16
        ),
        Column(
            "stage",
            _("stage"),
            CellType.CHOICE,
            also=("etapa", "estagio"),
            choices={
                **{stage.value: stage.value for stage in Stage},
                "visitante": Stage.VISITOR.value,
                **dict.fromkeys(("potencial", "potencial_cliente"), Stage.PROSPECT.value),
                "cliente": Stage.CUSTOMER.value,
                "inativo": Stage.LAPSED.value,
            },
        ),
        Column("interests", _("interests"), CellType.WORDS, also=("interesses",), longest=2000),
        Column("tags", _("tags"), CellType.TAGS, also=("etiquetas", "marcadores"), longest=1300),
        Column(
            "registered_at",
            _("registered at"),
            CellType.MOMENT,
            also=("data_de_cadastro", "data_cadastro", "cadastro", "signup_date", "created_at"),
            past=True,
        ),
    ),
    key=("external_id",),
    checks=(
        Check(
            "erased_customer",
            "external_id",
            "SELECT s.line, s.external_id FROM {rows} s"
            " JOIN customers_customer t USING (external_id) WHERE t.erased_at IS NOT NULL",
        ),
    ),
    units=_customers.units,
    write=_customers.write,
    undo=Undo("customers_customer", key="external_id", version=STAMPS),
    people="known_id",
    writes=("customers_customer",),
)

# Two records of one address are two people until somebody merges them: a row says which.
AMBIGUOUS = """
    SELECT s.line, string_agg(t.external_id, ', ' ORDER BY t.external_id)
    FROM {{rows}} s JOIN customers_customer t ON t.{field} = s.{field} AND t.{field} <> ''
    WHERE t.erased_at IS NULL AND t.merged_into_id IS NULL
    GROUP BY s.line HAVING count(*) > 1
"""
OTHER_NUMBER = """
    SELECT s.line, t.external_id
    FROM {{rows}} s JOIN customers_customer t ON t.{field} = s.{field} AND t.{field} <> ''
    WHERE t.erased_at IS NULL AND t.merged_into_id IS NULL AND t.external_id <> s.external_id
"""
NUMBER_TAKEN = """
    SELECT s.line, s.external_id
    FROM {{rows}} s JOIN customers_customer t USING (external_id) WHERE t.{field} <> s.{field}
"""
NUMBER_REPEATED = """
    SELECT s.line, (CASE WHEN s.line = lines[1] THEN lines[2] ELSE lines[1] END)::text
    FROM {{rows}} s JOIN (
        SELECT external_id, (array_agg(line ORDER BY line))[1:2] AS lines
        FROM {{rows}} r WHERE external_id IS NOT NULL
        GROUP BY external_id HAVING count(DISTINCT {field}) > 1
    ) AS twice USING (external_id)
"""


def _matched_by(field: str) -> FileKind:
    """Return the kind for files whose rows are matched by an address or tax id."""
    known = replace(
        _customers,
        key=field,
        key_value=f"s.{field}",
        values={"external_id": "s.external_id"}
        | {name: value for name, value in _customers.values.items() if name != field},
        defaults={"external_id": "'c-' || left(replace(gen_random_uuid()::text, '-', ''), 16)"}
        | {name: value for name, value in _customers.defaults.items() if name != field},
        also_on=f" AND t.{field} <> '' AND t.erased_at IS NULL AND t.merged_into_id IS NULL",
    )
    return replace(
        _by_number,
        columns=tuple(
            replace(column, required=column.name == field) for column in _by_number.columns
        ),
        key=(field,),
        checks=(
            Check("ambiguous", field, AMBIGUOUS.format(field=field)),
            Check("other_number", field, OTHER_NUMBER.format(field=field)),
            Check("number_taken", "external_id", NUMBER_TAKEN.format(field=field)),
            Check("repeated", "external_id", NUMBER_REPEATED.format(field=field)),
        ),
        units=known.units,
        write=known.write,
    )


CUSTOMERS = replace(
    _by_number, matching={field: _matched_by(field) for field in ("email", "phone", "tax_id")}
)

_cases = Upsert(
    table="customers_case",
    key="reference",
    key_value='s."case"',
    values={
        "customer_id": "s.customer_id",
        **{
            name: f"s.{name}"
            for name in (
                "channel", "subject", "text", "status", "opened_at", "resolved_at", "resolution",
            )
        },
    },
    defaults={"text": "''", "resolution": "''", "status": f"'{CaseStatus.OPEN.value}'"},
)  # fmt: skip

CASES = FileKind(
    code="cases",
    label=_("Cases"),
    help=_("One row a complaint or question."),
    columns=(
        Column(
            "case",
            _("Case number"),
            also=("reference", "case_id", "caso", "chamado", "protocolo", "ticket"),
            required=True,
            longest=64,
        ),
        customer_column(),
        Column(
            "channel",
            _("channel"),
            CellType.CHOICE,
            also=("canal",),
            required=True,
            choices={
                **{channel.value: channel.value for channel in ContactChannel},
                "e_mail": ContactChannel.EMAIL.value,
                "telefone": ContactChannel.PHONE.value,
                "balcao": ContactChannel.COUNTER.value,
                "loja": ContactChannel.COUNTER.value,
            },
        ),
        Column("subject", _("subject"), also=("assunto",), required=True, longest=200),
        Column("text", _("text"), also=("texto", "mensagem", "message"), longest=20_000),
        Column(
            "status",
            _("status"),
            CellType.CHOICE,
            also=("situacao",),
            choices={
                **{status.value: status.value for status in CaseStatus},
                "aberto": CaseStatus.OPEN.value,
                "resolvido": CaseStatus.RESOLVED.value,
                "closed": CaseStatus.RESOLVED.value,
                "fechado": CaseStatus.RESOLVED.value,
            },
        ),
        Column(
            "opened_at",
            _("opened at"),
            CellType.MOMENT,
            also=("aberto_em", "data_abertura", "data", "date"),
            past=True,
            required=True,
        ),
        Column(
            "resolved_at",
            _("resolved at"),
            CellType.MOMENT,
            also=("resolvido_em", "closed_at"),
            past=True,
        ),
        Column("resolution", _("resolution"), also=("solucao", "resolucao"), longest=20_000),
    ),
    key=("case",),
    checks=(belongs_to_other("customers_case", "reference", '"case"'),),
    units=_cases.units,
    write=_cases.write,
    undo=Undo("customers_case", key="reference"),
    writes=("customers_case",),
)
