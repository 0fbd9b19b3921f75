"""The privacy officer answers what people ask; agents take it down."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="consent", content_type__model="subjectrequest"
    )
    groups = apps.get_model("auth", "Group").objects
    answers = ["view_subjectrequest", "add_subjectrequest", "change_subjectrequest"]
    groups.get(name="privacy officer").permissions.add(*theirs.filter(codename__in=answers))
    groups.get(name="support agent").permissions.add(theirs.get(codename="add_subjectrequest"))
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [("config", "0021_inbound_roles"), ("consent", "0024_subject_requests")]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
