"""Agents and privacy officers read what people wrote from their phones."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="consent", content_type__model="inboundmessage"
    )
    groups = apps.get_model("auth", "Group").objects
    may_read = theirs.filter(codename__in=["view_inboundmessage", "change_inboundmessage"])
    for name in ("support agent", "privacy officer"):
        groups.get(name=name).permissions.add(*may_read)
    groups.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0020_proof_roles"),
        ("consent", "0020_opt_ins_and_inbound_messages"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
