"""Privacy officers and administrators see the erasures that wait for a second person."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    permissions = apps.get_model("auth", "Permission").objects
    seeing = permissions.get(
        content_type__app_label="customers", codename="view_erasurerequest"
    )
    for role in ("privacy officer", roles.ADMINISTRATOR):
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(seeing)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0024_restriction_roles"),
        ("customers", "0037_erasures_to_approve"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
