"""Campaigns that got as far as sending have their whole audience."""

from django.db import migrations
from django.db.models import F


def mark_chosen(apps, schema_editor):
    campaigns = apps.get_model("campaigns", "Campaign").objects
    chosen = campaigns.filter(state__in=["sending", "finished", "stopped"])
    chosen.update(audience_chosen_at=F("launched_at"))


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_launches_can_be_stopped")]
    operations = [migrations.RunPython(mark_chosen, migrations.RunPython.noop)]
