"""The administrator holds the permissions of the days that loyalty closes, as of all else."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="loyalty", content_type__model="closing"
    )
    Group = apps.get_model("auth", "Group")
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0010_note_roles"),
        ("loyalty", "0007_days_are_closed_in_chunks"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
