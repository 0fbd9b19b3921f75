"""The cheapest legitimate remedy for each reason why somebody cannot be reached."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.enums import Verdict

REMEDIES: dict[Verdict, str | Promise] = {
    Verdict.NO_ADDRESS: _("Ask for the address at the next order."),
    Verdict.RESTRICTED: _("Nothing, until the restriction is lifted."),
    Verdict.UNDER_AGE: _("Nothing: this purpose is for adults only."),
    Verdict.SUPPRESSED: _("Nothing: only a fresh yes of theirs lifts most blocks."),
    Verdict.PAUSED: _("Wait: the pause ends by itself."),
    Verdict.PERMISSION_ENDED: _("Ask for it anew at the next order."),
    Verdict.NO_PERMISSION: _("Ask at the next order."),
    Verdict.CHANNEL_REFUSED: _("Nothing on this channel: they refused it. Try another one."),
    Verdict.DATA_NOT_ASKED: _("Leave these data out, or ask at the next order."),
    Verdict.DATA_REFUSED: _("Leave these data out: they refused their use."),
}


def remedy(verdict: Verdict) -> str:
    """Return what may be done about people lost to this reason; '' for those who are allowed."""
    return str(REMEDIES.get(verdict, ""))
