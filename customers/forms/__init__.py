"""What the pages of the back office read."""

from customers.forms.attributes import AttributeDefinitionForm
from customers.forms.imports import ColumnsForm, ReadingForm, UploadForm
from customers.forms.orders import ReturnForm
from customers.forms.people import CaseForm, CustomerForm, customer_form, told_by
from customers.forms.webhooks import WebhookForm

__all__ = [
    "AttributeDefinitionForm",
    "CaseForm",
    "ColumnsForm",
    "CustomerForm",
    "ReadingForm",
    "ReturnForm",
    "UploadForm",
    "WebhookForm",
    "customer_form",
    "told_by",
]
