"""Until now a segment was filled in one statement: whoever has members has them all."""

from django.db import migrations
from django.db.models import Exists, F, OuterRef


def mark_filled(apps, schema_editor):
    memberships = apps.get_model("segments", "Membership").objects.filter(segment=OuterRef("pk"))
    segments = apps.get_model("segments", "Segment").objects
    segments.filter(refreshed_at__isnull=False).update(filled_at=F("refreshed_at"))
    segments.filter(Exists(memberships), filled_at=None).update(filled_at=F("changed_at"))


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_first_fills_in_chunks")]
    operations = [migrations.RunPython(mark_filled, migrations.RunPython.noop)]
