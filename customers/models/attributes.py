from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.enums import AttributeType, Category
from customers.rules.attributes import Attribute, alike, is_word


def is_choosable(word: str) -> None:
    if not is_word(word):
        raise ValidationError(
            _("Use up to 64 characters, without quotation marks, bars and backslashes.")
        )


class AttributeDefinitionQuerySet(models.QuerySet["AttributeDefinition"]):
    def active(self) -> Self:
        return self.filter(retired_at=None)


class AttributeDefinition(models.Model):
    """A fact about customers that the shop's staff declare; nobody is required to have it.

    Values stand in ``Customer.attributes`` under the code, in the form of
    ``customers.rules.attributes``. Retired, it is shown and asked nowhere, and its values stay.
    """

    code = models.CharField(
        _("code"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9_]*\Z", _("Use small letters, digits and underscores.")
            )
        ],
        help_text=_("What programs and files call it, such as shoe_size. It stays as it is."),
    )
    label = models.CharField(_("name"), max_length=100)
    type = models.CharField(
        _("type"), max_length=8, choices=AttributeType, default=AttributeType.TEXT
    )
    choices = ArrayField(
        models.CharField(max_length=64, validators=[is_choosable]),
        verbose_name=_("words to choose from"),
        default=list,
        blank=True,
        help_text=_("One a line, for a choice or a list. A list without takes any words."),
    )
    category = models.CharField(
        _("kind of data"),
        max_length=20,
        choices=Category,
        default=Category.DEMOGRAPHIC,
        help_text=_("Segments read it only of people who allow the use of such data."),
    )
    created_at = models.DateTimeField(_("declared at"), default=now, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, editable=False)

    # How many customers have a value; set by the list of attributes.
    value_count: int

    objects = AttributeDefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints = [
            models.CheckConstraint(
                condition=~Q(type="choice") | ~Q(choices=[]), name="choice_has_words"
            ),
            models.CheckConstraint(
                condition=Q(type__in=("choice", "list")) | Q(choices=[]),
                name="only_choices_and_lists_have_words",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if self.type not in (AttributeType.CHOICE, AttributeType.LIST):
            if self.choices:
                raise ValidationError({"choices": _("Only a choice or a list has words.")})
        elif self.type == AttributeType.CHOICE and not self.choices:
            raise ValidationError({"choices": _("Say what can be chosen.")})
        if twice := alike(self.choices):
            raise ValidationError({"choices": _("“%(word)s” is there twice.") % {"word": twice}})

    def as_attribute(self) -> Attribute:
        """Return it as the rules know it."""
        return Attribute(
            code=self.code,
            label=self.label,
            type=AttributeType(self.type),
            category=Category(self.category),
            choices=tuple(self.choices),
        )
