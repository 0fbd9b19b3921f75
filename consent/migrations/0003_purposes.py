"""The purposes every shop has; more can be declared."""

from django.db import migrations

PURPOSES = [
    ("transactional", "Orders and service", "Pedidos e atendimento", "contract", False),
    ("marketing", "Marketing", "Marketing", "consent", True),
    ("personalisation", "Personalisation", "Personalização", "consent", True),
    ("profiling", "Profiling", "Criação de perfis", "consent", True),
    ("research", "Research and surveys", "Pesquisas de opinião", "consent", True),
    ("third_party_sharing", "Sharing with partners", "Compartilhamento com parceiros", "consent", True),
]


def declare_purposes(apps, schema_editor):
    purpose = apps.get_model("consent", "Purpose")
    for code, name_en, name_pt, basis, needs_opt_in in PURPOSES:
        purpose.objects.get_or_create(
            code=code,
            defaults={"name_en": name_en, "name_pt": name_pt, "basis": basis, "needs_opt_in": needs_opt_in},
        )


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_consent_events_are_append_only")]
    operations = [migrations.RunPython(declare_purposes, migrations.RunPython.noop)]
