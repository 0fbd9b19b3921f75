"""The privacy officer sets what the law leaves to the shop."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="consent", content_type__model="privacysettings"
    )
    groups = apps.get_model("auth", "Group").objects
    may_set = theirs.filter(codename__in=["view_privacysettings", "change_privacysettings"])
    groups.get(name="privacy officer").permissions.add(*may_set)
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [("config", "0016_erasure_roles"), ("consent", "0006_privacy_settings")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
