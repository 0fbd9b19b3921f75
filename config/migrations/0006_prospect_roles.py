"""Agents may add a customer: a prospect in a chat has no order that would make one."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permission(apps, schema_editor):
    roles.make_permissions(apps)
    Permission = apps.get_model("auth", "Permission")
    adding = Permission.objects.get(
        content_type__app_label="customers", codename="add_customer"
    )
    apps.get_model("auth", "Group").objects.get(name="support agent").permissions.add(adding)


class Migration(migrations.Migration):
    dependencies = [("config", "0005_survey_roles")]
    operations = [migrations.RunPython(add_permission, migrations.RunPython.noop)]
