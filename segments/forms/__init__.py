from segments.forms.audiences import AudienceForm
from segments.forms.builder import builder_settings
from segments.forms.deciding import DecisionForm, DecisionOfCustomerForm
from segments.forms.lists import DayForm, KeepForm, ListForm, end_of_day
from segments.forms.segment import RuleField, SegmentForm

__all__ = [
    "AudienceForm",
    "DayForm",
    "DecisionForm",
    "DecisionOfCustomerForm",
    "KeepForm",
    "ListForm",
    "RuleField",
    "SegmentForm",
    "builder_settings",
    "end_of_day",
]
