"""Whoever reads a customer's page reads what the customer answered."""

from importlib import import_module

from django.db import migrations

roles = import_module("config.migrations.0001_roles")


def add_permissions(apps, schema_editor):
    roles.make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    answers = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="customers", content_type__model="surveyanswer"
    )
    for role in roles.ROLES:
        Group.objects.get(name=role).permissions.add(answers.get(codename="view_surveyanswer"))
    Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(*answers)


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0004_kinds_of_event_roles"),
        ("customers", "0010_surveys"),
    ]
    operations = [migrations.RunPython(add_permissions, migrations.RunPython.noop)]
