"""Whoever works with lists may take them away; the privacy officer sees who did.

Agents look customers up one by one, and take no lists.
"""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")

TAKES = ("marketing", "privacy officer", "analyst", roles.ADMINISTRATOR)
SEES = ("privacy officer", roles.ADMINISTRATOR)


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="common", content_type__model="export"
    )
    groups = apps.get_model("auth", "Group").objects
    for name in TAKES:
        groups.get(name=name).permissions.add(found.get(codename="export_lists"))
    for name in SEES:
        groups.get(name=name).permissions.add(found.get(codename="view_export"))
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("config", "0011_closing_roles"), ("common", "0006_exports")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
