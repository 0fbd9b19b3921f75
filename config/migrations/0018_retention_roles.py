"""The privacy officer sees what each night ends."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")
SEES = ("privacy officer", roles.ADMINISTRATOR)


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="consent",
        content_type__model__in=("retentionrun", "retentionline"),
    )
    groups = apps.get_model("auth", "Group").objects
    for name in SEES:
        groups.get(name=name).permissions.add(*found.filter(codename__startswith="view_"))
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("config", "0017_privacy_settings_roles"), ("consent", "0009_retention")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
