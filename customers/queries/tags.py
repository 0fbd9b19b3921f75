"""Which tags there are."""

from django.db.models import Func

from customers.models import Customer
from customers.rules.tags import normal_tag

LOOKED_AT, SHOWN = 5000, 20


def known_tags(text: str = "") -> list[str]:
    """Return a few tags that contain the text, from those whom the shop tagged last."""
    tagged = Customer.objects.exclude(tags=[]).order_by("-id")[:LOOKED_AT]
    each = Customer.objects.filter(pk__in=tagged.values("pk"))
    names = each.annotate(tag=Func("tags", function="unnest")).values_list("tag", flat=True)
    wanted = normal_tag(text)
    return [name for name in names.distinct().order_by("tag") if wanted in name][:SHOWN]
