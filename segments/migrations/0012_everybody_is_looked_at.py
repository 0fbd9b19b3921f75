"""Whoever is here already has no flat profile yet: they are looked at, chunk by chunk."""

from django.db import migrations


def ask_for_sweep(apps, schema_editor):
    if apps.get_model("customers", "Customer").objects.exists():
        apps.get_model("segments", "Sweep").objects.create(reason="many")


class Migration(migrations.Migration):
    dependencies = [("segments", "0011_what_the_engine_keeps")]
    operations = [migrations.RunPython(ask_for_sweep, migrations.RunPython.noop)]
