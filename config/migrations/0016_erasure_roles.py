"""The privacy officer erases customers."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")
ERASES = ("privacy officer", roles.ADMINISTRATOR)


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    may_erase = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="customers", codename="erase_customer"
    )
    for role in ERASES:
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(may_erase)


class Migration(migrations.Migration):
    dependencies = [("config", "0015_duplicate_roles"), ("customers", "0033_erasures")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
