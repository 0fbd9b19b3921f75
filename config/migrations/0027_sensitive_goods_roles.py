"""Privacy officers and administrators say which goods are sensitive."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    groups = apps.get_model("auth", "Group").objects
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers", content_type__model="sensitivetopic"
    )
    for role in ("privacy officer", roles.ADMINISTRATOR):
        groups.get(name=role).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0026_do_not_call_roles"),
        ("customers", "0041_starter_lexicon"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
