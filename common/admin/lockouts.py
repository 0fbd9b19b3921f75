"""Who may not try again for a while, and the way to let them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from common.access.guesses import unlock
from common.admin.base import ReadOnlyAdmin
from common.models import Lockout
from common.staff import signed_in


@admin.register(Lockout)
class LockoutAdmin(ReadOnlyAdmin):
    nothing_yet = _(
        "Whoever guesses a password, a code of the second factor or voucher codes waits a quarter "
        "of an hour, and stands here."
    )
    list_display = ("show_who", "guessed", "tries", "since", "show_until")
    list_select_related = ("user", "api_key")
    ordering = ("-since",)
    fields = (("show_who", "guessed"), ("since", "tries"), "show_until")
    actions = ("unlock",)

    @display(description=_("Who"))
    def show_who(self, lockout: Lockout) -> str:
        return str(lockout)

    @display(description=_("locked until"), ordering="locked_until")
    def show_until(self, lockout: Lockout) -> object:
        is_locked = lockout.locked_until and lockout.locked_until > now()
        return lockout.locked_until if is_locked else _("not locked")

    @admin.action(description=_("Let the selected try again"), permissions=["unlock"])
    def unlock(self, request: HttpRequest, lockouts: QuerySet[Lockout]) -> None:
        lifted = sum(unlock(each, by=signed_in(request), at=now()) for each in lockouts)
        told = ngettext("%(count)d lock-out lifted.", "%(count)d lock-outs lifted.", lifted)
        self.message_user(request, told % {"count": lifted}, messages.SUCCESS)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("common.change_lockout")
