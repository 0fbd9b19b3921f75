"""What staff should know: a program that guesses voucher codes."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.enums import Guessed
from common.health import SystemState
from common.models import Lockout


def _guessing(at: datetime) -> list[str]:
    locked = Lockout.objects.standing(at=at).filter(guessed=Guessed.VOUCHER)
    return [
        _("%(key)s sent too many wrong codes and is refused until %(time)s.")
        % {"key": each, "time": date_format(localtime(each.locked_until), "TIME_FORMAT")}
        for each in locked.select_related("api_key").order_by("locked_until")
    ]


SYSTEM_STATES = [
    SystemState(
        "voucher_codes",
        gettext_lazy("Voucher codes"),
        _guessing,
        "admin:common_lockout_changelist",
    )
]
