"""Administrators see what a consumer could not act on, and replay it."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Permission = apps.get_model("auth", "Permission")
    theirs = Permission.objects.filter(
        content_type__app_label="customers", content_type__model="consumerfault"
    )
    apps.get_model("auth", "Group").objects.get(name="administrator").permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0006_prospect_roles"),
        ("customers", "0011_consumers_fail_visibly"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
