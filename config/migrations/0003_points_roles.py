"""Marketing may adjust points by hand: agents make up for things with vouchers, within a limit."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    loyalty = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="loyalty"
    )
    Group.objects.get(name="marketing").permissions.add(loyalty.get(codename="adjust_points"))
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*loyalty)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0002_voucher_roles"),
        ("loyalty", "0004_draws_are_append_only"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
