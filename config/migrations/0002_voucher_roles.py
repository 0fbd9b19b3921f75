"""Agents may read out a code and roll a redemption back; marketing may void vouchers."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")

ADDED = {
    "support agent": {"show_voucher_code", "change_redemption"},
    "marketing": {"change_voucher"},
    roles.ADMINISTRATOR: {"show_voucher_code"},
}


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for role, codenames in ADDED.items():
        found = Permission.objects.filter(
            content_type__app_label="campaigns", codename__in=codenames
        )
        Group.objects.get(name=role).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0001_roles"),
        ("campaigns", "0005_codes_are_shown_by_permission"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
