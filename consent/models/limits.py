from django.db import models


class Tally(models.Model):
    """How often somebody without a sign-in did something of late; see consent.operations.limits.

    ``who_hash`` stands for a link, an address or a place, and for what was done. The table is
    unlogged: a write costs no disk, and a crash forgets what is of no use a day later.
    """

    who_hash = models.BinaryField(max_length=32, primary_key=True)
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.count)
