"""Who approves erasures had no effect until now: nobody waits before the shop chooses it anew."""

from django.db import migrations


def forget_choice(apps, schema_editor):
    apps.get_model("consent", "PrivacySettings").objects.update(erasures_approved_by="")


class Migration(migrations.Migration):
    dependencies = [("consent", "0028_who_approves_erasures")]
    operations = [migrations.RunPython(forget_choice, migrations.RunPython.noop)]
