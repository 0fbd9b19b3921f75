"""Whoever may merge sees what may be merged, and what was."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")
MAY_MERGE = ("support agent", "privacy officer")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers"
    )
    for role in MAY_MERGE:
        Group.objects.get(name=role).permissions.add(
            *found.filter(codename__in=("view_merge", "view_duplicatecandidate"))
        )
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(
        *found.filter(content_type__model="duplicatecandidate")
    )


class Migration(migrations.Migration):
    dependencies = [("config", "0014_return_roles"), ("customers", "0030_duplicates")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
