"""Whoever may edit customers may merge two records of one person, and undo it."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")
MAY_MERGE = ("support agent", "privacy officer")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    merges = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers",
        content_type__model__in=("merge", "mergedrows"),
    )
    for role in MAY_MERGE:
        Group.objects.get(name=role).permissions.add(merges.get(codename="merge_customer"))
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*merges)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0012_export_roles"),
        ("customers", "0028_merges"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
