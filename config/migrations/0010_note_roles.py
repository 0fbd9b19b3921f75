"""Agents and marketing write notes and tags on a customer's page, and all roles read them."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers", content_type__model="note"
    )
    for role in roles.ROLES:
        Group.objects.get(name=role).permissions.add(theirs.get(codename="view_note"))
    for role in ("support agent", "marketing"):
        Group.objects.get(name=role).permissions.add(theirs.get(codename="add_note"))
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [("config", "0009_webhook_roles"), ("customers", "0022_notes_and_tags")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
