"""Everybody reads notices, purposes and collection points; the privacy officer writes them."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")

WRITTEN = ("purpose", "notice", "noticeversion", "noticetext", "collectionpoint")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    groups = apps.get_model("auth", "Group").objects
    theirs = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="consent")
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)
    about = theirs.filter(content_type__model__in=WRITTEN)
    for group in groups.filter(name__in=roles.ROLES):
        group.permissions.add(*about.filter(codename__startswith="view_"))
    may_write = about.exclude(codename__startswith="delete_")
    groups.get(name="privacy officer").permissions.add(*may_write)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0018_retention_roles"),
        ("consent", "0018_basis_stays_once_relied_on"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
