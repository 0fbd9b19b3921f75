"""Support agents record what comes back of an order; its page shows the rest to read."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    change = Permission.objects.get(content_type__app_label="customers", codename="change_order")
    for name in ("support agent", roles.ADMINISTRATOR):
        Group.objects.get(name=name).permissions.add(change)


class Migration(migrations.Migration):
    dependencies = [("config", "0013_merge_roles"), ("customers", "0020_returned_lines")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
