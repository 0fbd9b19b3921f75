"""Who somebody is."""

from datetime import datetime
from functools import partial

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.enums import Category, Gender
from customers.models import Customer
from customers.queries.tags import known_tags
from customers.rules.places import country_name
from segments.enums import TraitType
from segments.queries.suggesting import cities, interests, values_of
from segments.rules import Rows, Trait

ABOUT = _("About the person")
CONTACT = _("Contact and service")


def _having(field: str, at: datetime) -> QuerySet[Customer]:
    """Return who has something there, as rows of themselves: the address stays where it is."""
    known = Customer.objects.filter(**{f"{field}__gt": ""})
    return known.annotate(customer=F("pk"))


TRAITS = [
    Trait(
        code="customers.country",
        label=_("Country"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="country",
        flat="country",
        suggest=partial(values_of, "country"),
        called=country_name,
    ),
    Trait(
        code="customers.state",
        label=_("State"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="state",
        flat="state",
        suggest=partial(values_of, "state"),
    ),
    Trait(
        code="customers.city",
        label=_("City"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        words=_("town place address"),
        field="city",
        flat="city",
        suggest=partial(values_of, "city"),
    ),
    Trait(
        code="customers.near",
        label=_("Lives"),
        group=ABOUT,
        type=TraitType.PLACE,
        category=Category.DEMOGRAPHIC,
        field="city",
        flat="city",
        suggest=cities,
    ),
    Trait(
        code="customers.postal_code",
        label=_("Postal code"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="postal_code",
        flat="postal_code",
    ),
    Trait(
        code="customers.gender",
        label=_("Gender"),
        group=ABOUT,
        type=TraitType.CHOICE,
        category=Category.DEMOGRAPHIC,
        field="gender",
        flat="gender",
        choices=lambda: Gender.choices,
    ),
    Trait(
        code="customers.age",
        label=_("Age"),
        group=ABOUT,
        type=TraitType.AGE,
        category=Category.DEMOGRAPHIC,
        field="birth_date",
        flat="birth_date",
    ),
    Trait(
        code="customers.birthday",
        label=_("Birthday"),
        group=ABOUT,
        type=TraitType.BIRTHDAY,
        category=Category.DEMOGRAPHIC,
        field="birth_date",
        flat="birth_date",
    ),
    Trait(
        code="customers.interests",
        label=_("Interests"),
        group=ABOUT,
        type=TraitType.LIST,
        category=Category.DEMOGRAPHIC,
        field="interests",
        flat="interests",
        suggest=interests,
    ),
    Trait(
        code="customers.tags",
        label=_("Tags"),
        group=ABOUT,
        type=TraitType.LIST,
        category=Category.DEMOGRAPHIC,
        field="tags",
        flat="tags",
        suggest=known_tags,
    ),
    Trait(
        code="customers.registered",
        label=_("Registered"),
        group=ABOUT,
        type=TraitType.MOMENT,
        category=Category.IDENTITY,
        words=_("sign-up anniversary new"),
        field="registered_at",
        flat="registered_at",
        always_known=True,
    ),
    Trait(
        code="customers.language",
        label=_("Language"),
        group=CONTACT,
        type=TraitType.TEXT,
        category=Category.CONTACT,
        field="language",
        flat="language",
        suggest=partial(values_of, "language"),
    ),
    Trait(
        code="customers.timezone",
        label=_("Time zone"),
        group=ABOUT,
        type=TraitType.TEXT,
        category=Category.DEMOGRAPHIC,
        field="timezone",
        flat="timezone",
        suggest=partial(values_of, "timezone"),
    ),
    Trait(
        code="customers.has_email",
        label=_("E-mail address known"),
        group=CONTACT,
        type=TraitType.YES_NO,
        category=Category.CONTACT,
        rows=Rows(found=partial(_having, "email"), owner="pk"),
    ),
    Trait(
        code="customers.has_phone",
        label=_("Phone number known"),
        group=CONTACT,
        type=TraitType.YES_NO,
        category=Category.CONTACT,
        rows=Rows(found=partial(_having, "phone"), owner="pk"),
    ),
]
