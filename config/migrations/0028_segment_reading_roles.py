"""Support agents and privacy officers read segments, and why somebody is in one."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    groups = apps.get_model("auth", "Group").objects
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="segments", codename__in=("view_segment", "view_membership")
    )
    for role in ("support agent", "privacy officer"):
        groups.get(name=role).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0027_sensitive_goods_roles"),
        ("segments", "0013_nobody_looks_at_the_engine"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
