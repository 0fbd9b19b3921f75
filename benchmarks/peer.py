"""django-import-export does what our import of customers does: same columns, checks, hashes."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from import_export.fields import Field
from import_export.instance_loaders import CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import Widget
from tablib import Dataset

from customers.models import Customer
from customers.operations.profile import contact_hasher
from customers.rules.cells import Unreadable, read_date, read_email, read_phone

ATTRIBUTES = ("shoe_size", "channel", "branch")


class Reading(Widget):
    """A cell as our own rules read it, so that none of the two has the easier rules."""

    def __init__(self, read: Callable[[str], object]) -> None:
        super().__init__()
        self.read = read

    def clean(self, value: str, row: object = None, **kwargs: object) -> object:
        try:
            return self.read(value.strip())
        except Unreadable as error:
            raise ValueError(error.reason) from error


def _field(attribute: str, title: str, read: Callable[[str], object] = str) -> Field:
    return Field(attribute=attribute, column_name=title, widget=Reading(read))


class People(ModelResource):
    """As its manual has it: one row after the other, each saved by itself."""

    external_id = _field("external_id", "external_id")
    first_name = _field("first_name", "nome")
    last_name = _field("last_name", "sobrenome")
    email = _field("email", "email", read_email)
    phone = _field("phone", "telefone", partial(read_phone, country="BR"))
    birth_date = _field(
        "birth_date", "nascimento", lambda cell: date.fromisoformat(read_date(cell))
    )
    gender = _field("gender", "sexo")
    country = _field("country", "pais")
    state = _field("state", "uf")
    city = _field("city", "cidade")
    postal_code = _field("postal_code", "cep")
    registered_at = _field("registered_at", "cadastro", datetime.fromisoformat)

    class Meta:
        model = Customer
        import_id_fields = ("external_id",)
        fields = (
            *("external_id", "first_name", "last_name", "email", "phone", "birth_date"),
            *("gender", "country", "state", "city", "postal_code", "registered_at"),
        )

    hashed = staticmethod(contact_hasher())

    def before_save_instance(self, instance: Customer, row: Any, **kwargs: object) -> None:
        instance.attributes = {name: row[name] for name in ATTRIBUTES}
        instance.email_hash = self.hashed(instance.email)
        instance.phone_hash = self.hashed(instance.phone)


class PeopleInBulk(People):
    """Its bulk mode."""

    class Meta(People.Meta):
        use_bulk = True


class PeopleInBulkTuned(PeopleInBulk):
    """The fastest of its manual: who is known is looked up at once, and nothing is compared."""

    class Meta(PeopleInBulk.Meta):
        skip_diff = True
        instance_loader_class = CachedInstanceLoader


def bring_in(resource: type[People], text: str) -> None:
    """Bring the CSV in; rows that cannot be read are left out. Raises on anything else."""
    result = resource().import_data(Dataset().load(text, format="csv"), raise_errors=False)
    if result.has_errors():
        raise RuntimeError(result.row_errors()[0])
