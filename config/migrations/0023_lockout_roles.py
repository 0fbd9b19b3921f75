"""Administrators see who is locked out, and let them try again."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    lockouts = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="common", content_type__model="lockout"
    )
    administrator = apps.get_model("auth", "Group").objects.get(name=roles.ADMINISTRATOR)
    administrator.permissions.add(*lockouts)


class Migration(migrations.Migration):
    dependencies = [("config", "0022_request_roles"), ("common", "0012_sign_in_is_guarded")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
