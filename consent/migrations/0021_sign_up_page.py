"""Where people sign up by themselves, and where they write to us from a phone."""

from django.db import migrations

POINTS = [
    # Code, kind, names, whether a yes is confirmed by message.
    ("sign_up", "web_form", "Sign-up page", "Página de inscrição", True),
    ("sms", "sms", "SMS", "SMS", False),
]


def begin(apps, schema_editor):
    point = apps.get_model("consent", "CollectionPoint")
    notice = apps.get_model("consent", "Notice").objects.filter(pk="standard").first()
    for code, kind, name_en, name_pt, double_opt_in in POINTS:
        point.objects.get_or_create(
            code=code,
            defaults={
                "kind": kind,
                "name_en": name_en,
                "name_pt": name_pt,
                "notice": notice,
                "double_opt_in": double_opt_in,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("consent", "0020_opt_ins_and_inbound_messages")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
