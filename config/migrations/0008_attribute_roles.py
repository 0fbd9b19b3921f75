"""Marketing declares attributes; whoever reads a customer's page reads what they are."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    theirs = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers", content_type__model="attributedefinition"
    )
    for role in roles.ROLES:
        Group.objects.get(name=role).permissions.add(
            theirs.get(codename="view_attributedefinition")
        )
    Group.objects.get(name="marketing").permissions.add(
        *theirs.exclude(codename="delete_attributedefinition")
    )
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*theirs)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0007_consumer_roles"),
        ("customers", "0013_attributes"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
