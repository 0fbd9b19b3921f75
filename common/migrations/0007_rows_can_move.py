from django.db import migrations

from common.append_only import MOVING, NOT_MOVING


class Migration(migrations.Migration):
    dependencies = [("common", "0006_exports")]
    operations = [migrations.RunSQL(MOVING, NOT_MOVING)]
