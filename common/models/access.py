"""How people prove who they are, and what stops whoever only guesses."""

from datetime import datetime
from typing import Self

from django.contrib.auth.models import Group
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.enums import Guessed
from common.models.people import User
from common.models.programs import ApiKey


class Authenticator(models.Model):
    """The app that makes a person's codes (RFC 6238); its secret is sealed."""

    user = models.OneToOneField(User, models.CASCADE, related_name="authenticator")
    sealed_secret = models.BinaryField(editable=False)
    # The half minute of the last code that was taken: a code opens once.
    last_step = models.BigIntegerField(default=0, editable=False)
    set_up_at = models.DateTimeField(_("set up at"), default=now)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """Opens once, in place of a code of the app; kept as a keyed hash."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["authenticator", "code_hash"], name="recovery_code_once_per_authenticator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.authenticator_id}:{self.pk}"


class RoleSecurity(models.Model):
    """What a role is asked for beyond the password; a role without a row is asked for nothing."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="security")
    needs_second_factor = models.BooleanField(_("second factor demanded"), default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.group)


class LockoutQuerySet(models.QuerySet["Lockout"]):
    def standing(self, *, at: datetime) -> Self:
        return self.filter(locked_until__gt=at)


class Lockout(models.Model):
    """How often somebody guessed wrong of late, and until when they may not go on.

    ``who_hash`` stands for whoever guesses: what was typed as a user name can be a password.
    ``user`` and ``api_key`` are set where they are known.
    """

    guessed = models.CharField(_("what was guessed"), max_length=8, choices=Guessed)
    who_hash = models.BinaryField(max_length=32, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, verbose_name=_("person"))
    api_key = models.ForeignKey(ApiKey, models.CASCADE, null=True, verbose_name=_("API key"))
    since = models.DateTimeField(_("first try"))
    tries = models.PositiveIntegerField(_("tries"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True)

    objects = LockoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("lock-out")
        verbose_name_plural = _("lock-outs")
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["guessed", "who_hash"], name="lockout_once_per_guesser"
            )
        ]

    def __str__(self) -> str:
        return str(self.user or self.api_key or _("somebody unknown"))
