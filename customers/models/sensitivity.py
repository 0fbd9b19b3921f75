from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.models import User
from customers.rules.lexicon import normal_words


class SensitiveTopic(models.Model):
    """What many keep to themselves, and the words by which goods about it are known.

    Words are kept as ``normal_words`` returns them.
    """

    code = models.SlugField(max_length=32, primary_key=True)
    name_pt_br = models.CharField(_("name in Portuguese"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    words_pt_br = ArrayField(
        models.CharField(max_length=60), verbose_name=_("words in Portuguese"), default=list
    )
    words_en = ArrayField(
        models.CharField(max_length=60), verbose_name=_("words in English"), default=list
    )
    is_active = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(default=now, editable=False)
    # When all goods had been compared with the words; NULL or before the last change: they wait.
    marked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("sensitive topic")
        verbose_name_plural = _("sensitive goods")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return self.name_pt_br if get_language() == "pt-br" else self.name_en

    def finds(self, text: str) -> bool:
        """Say whether a word of the topic stands in the text, as a whole word."""
        said = f" {normal_words(text)} "
        return any(f" {word} " in said for word in (*self.words_pt_br, *self.words_en))


class SensitiveDecision(models.Model):
    """What staff said of a category, for it and all below that have no decision of their own."""

    path = models.CharField(_("category"), max_length=200, unique=True)
    is_sensitive = models.BooleanField(_("is sensitive"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(default=now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.path
