from django.db import migrations

from common.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_tables")]
    operations = [append_only("consent_consentevent")]
