"""Agents and privacy officers stop the use of a person's data; complaints are for administrators."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    groups = apps.get_model("auth", "Group").objects
    theirs = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="consent")
    restricting = theirs.filter(codename__in=["view_restriction", "add_restriction"])
    for role in ("privacy officer", "support agent"):
        groups.get(name=role).permissions.add(*restricting)
    groups.get(name=roles.ADMINISTRATOR).permissions.add(
        *theirs.filter(content_type__model="restriction"), theirs.get(codename="lift_complaint")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0023_lockout_roles"),
        ("consent", "0027_suppressions_and_restrictions"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
