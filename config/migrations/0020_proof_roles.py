"""The privacy officer sees the nightly proofs, and what changed words suspended."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    groups = apps.get_model("auth", "Group").objects
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="consent", content_type__model__in=("proofrun", "suspension")
    )
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)
    groups.get(name="privacy officer").permissions.add(
        *theirs.filter(codename__startswith="view_")
    )


class Migration(migrations.Migration):
    dependencies = [("config", "0019_notice_roles"), ("consent", "0019_proofs_and_suspensions")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
