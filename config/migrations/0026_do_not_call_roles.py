"""Privacy officers bring in do-not-call files, which whoever blocks addresses may, and see imports."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    permissions = apps.get_model("auth", "Permission").objects
    seeing = permissions.filter(
        content_type__app_label="customers", codename__in=["view_importjob", "view_rejectedrow"]
    )
    apps.get_model("auth", "Group").objects.get(name="privacy officer").permissions.add(*seeing)


class Migration(migrations.Migration):
    dependencies = [("config", "0025_approval_roles")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
