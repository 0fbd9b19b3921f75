"""The five roles as groups; they stand in config, which has no tables but sees all apps.

The table is frozen, as everything in a migration: a later change of what a role may do is a
migration of its own. ``tests/config/test_roles.py`` says what follows on every page.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

OURS = ("common", "customers", "consent", "segments", "campaigns", "loyalty")
SYSTEM = ("auth", "django_celery_beat")

# What it takes to read a customer's page.
PROFILE = {
    "customers": "view: customer customermetrics order orderline product cart event case",
}
POINTS = {"loyalty": "view: member account tier programme transaction entry lot"}

ROLES = {
    "marketing": (
        PROFILE,
        POINTS,
        {
            "customers": "view add change: importjob; view: rejectedrow",
            "consent": "view: purpose permission consentevent",
            "segments": "view add change: segment; view: membership",
            "campaigns": (
                "view add change: offer template campaign;"
                "view: voucher redemption redemptionline message trackedlink click;"
                "view approve: apology"
            ),
            "loyalty": "change: programme; add change: tier",
        },
    ),
    "support agent": (
        PROFILE,
        POINTS,
        {
            "customers": "change: customer; add change: case",
            "consent": "view: purpose permission; view add: consentevent",
            "campaigns": "view: voucher redemption redemptionline message; view add: apology",
        },
    ),
    "privacy officer": (
        PROFILE,
        {
            "consent": "view: purpose permission consentevent; view add change: suppression",
            "campaigns": "view: message",
            "common": "view: auditentry",
        },
    ),
    "analyst": (
        PROFILE,
        POINTS,
        {
            "customers": "view: importjob rejectedrow",
            "consent": "view: purpose permission consentevent suppression",
            "segments": "view: segment membership",
            "campaigns": (
                "view: offer voucher redemption redemptionline template campaign message"
                " trackedlink click apology"
            ),
        },
    ),
}
ADMINISTRATOR = "administrator"


def make_roles(apps, schema_editor):
    make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    everything = Permission.objects.filter(content_type__app_label__in=(*OURS, *SYSTEM))
    for role, tables in ROLES.items():
        wanted = {named for table in tables for named in permissions(table)}
        group, _ = Group.objects.get_or_create(name=role)
        found = [
            permission
            for permission in everything.select_related("content_type")
            if (permission.content_type.app_label, permission.codename) in wanted
        ]
        if len(found) != len(wanted):
            raise LookupError(f"{role}: {len(wanted) - len(found)} permissions do not exist")
        group.permissions.set(found)
    group, _ = Group.objects.get_or_create(name=ADMINISTRATOR)
    group.permissions.set(everything)


def make_permissions(apps):
    """Django makes permissions when all migrations have run, which is too late for us.

    Asking twice makes nothing twice. A migration's app has no models module, and Django passes
    over such apps, hence the pretence.
    """
    for label in (*OURS, *SYSTEM):
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0)
        app.models_module = None


def permissions(table):
    """Read ``{"app": "view add: one two; change: one"}`` as pairs of app and codename."""
    for app, sentence in table.items():
        for part in sentence.split(";"):
            verbs, models = part.split(":")
            yield from (
                (app, f"{verb}_{model}") for verb in verbs.split() for model in models.split()
            )


def forget_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=[*ROLES, ADMINISTRATOR]).delete()


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("common", "0002_audit_is_append_only"),
        ("customers", "0003_timeline_is_append_only"),
        ("consent", "0003_purposes"),
        ("segments", "0001_tables"),
        ("campaigns", "0001_tables"),
        ("loyalty", "0002_ledger_keeps_its_promises"),
    ]
    operations = [migrations.RunPython(make_roles, forget_roles)]
