from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from campaigns.models import Template
from campaigns.operations.templates import check_message
from campaigns.rules.templates import TemplateRefused

STARTER = """\
<mjml>
  <mj-head>
    <mj-attributes><mj-all font-family="Helvetica, Arial, sans-serif" /></mj-attributes>
  </mj-head>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="20px">{{ shop.name }}</mj-text>
        <mj-text>Olá, {{ customer.first_name | default: "tudo bem" }}!</mj-text>
        <mj-button href="https://www.example.com/">Ver</mj-button>
        <mj-divider border-width="1px" />
        <mj-text font-size="12px">
          {{ why }} <a href="{{ why_url }}">{{ why_question }}</a>
          <a href="{{ preferences_url }}">{{ preferences_words }}</a>
          <a href="{{ unsubscribe_url }}">Descadastrar</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""


class TemplateForm(forms.ModelForm):
    """A message as it is written; what would go wrong at sending is refused here."""

    class Meta:
        model = Template
        fields = ("name", "subject", "body")
        widgets = {"body": UnfoldAdminTextareaWidget(attrs={"rows": 24, "class": "code"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            self.fields["body"].initial = STARTER

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "subject" in cleaned and "body" in cleaned:
            try:
                check_message(subject=cleaned["subject"], body=cleaned["body"])
            except TemplateRefused as refused:
                self.add_error(refused.field, refused.message)
        return cleaned


class ReaderForm(forms.Form):
    """Whose message to look at."""

    reader = forms.CharField(
        label=_("As it would reach"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Name, e-mail, phone or customer number."),
    )
