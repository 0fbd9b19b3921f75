"""The words of a sensitive topic, one a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from customers.forms.attributes import WordsField
from customers.models import SensitiveTopic
from customers.rules.lexicon import normal_lexicon

LONGEST_WORD = 60
HELP = _(
    "One a line, with their plurals: only whole words count. Capitals and accents do not matter."
)


class LexiconField(WordsField):
    """Words as the lexicon keeps them."""

    def to_python(self, value: Any) -> Any:
        return normal_lexicon(super().to_python(value))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if too_long := [word for word in value if len(word) > LONGEST_WORD]:
            raise ValidationError(
                _("“%(word)s” is too long for a word: at most %(most)d characters."),
                params={"word": too_long[0], "most": LONGEST_WORD},
            )


class SensitiveTopicForm(forms.ModelForm):
    words_pt_br = LexiconField(label=_("words in Portuguese"), help_text=HELP, required=False)
    words_en = LexiconField(label=_("words in English"), help_text=HELP, required=False)

    class Meta:
        model = SensitiveTopic
        fields = ("words_pt_br", "words_en", "is_active")
        widgets = {"is_active": UnfoldBooleanSwitchWidget}
