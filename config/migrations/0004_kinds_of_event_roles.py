"""Marketing declares kinds of event; who reads the timeline may read what they are."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")

MODELS = ("declaredkind", "declaredfield")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    kinds = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers", content_type__model__in=MODELS
    )
    Group.objects.get(name="marketing").permissions.add(*kinds)
    Group.objects.get(name="analyst").permissions.add(*kinds.filter(codename__startswith="view_"))
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*kinds)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0003_points_roles"),
        ("customers", "0005_declared_kinds"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
