"""Administrators keep webhooks; the privacy officer sees who is told what."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")

MODELS = ("webhooksubscription", "webhookdelivery")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers", content_type__model__in=MODELS
    )
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)
    seen = theirs.filter(codename__startswith="view_")
    Group.objects.get(name="privacy officer").permissions.add(*seen)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0008_attribute_roles"),
        ("customers", "0015_webhooks"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
