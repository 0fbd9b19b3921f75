from django.db import migrations

from common.append_only import blankable


class Migration(migrations.Migration):
    dependencies = [("common", "0009_rows_can_be_blanked")]
    operations = [blankable("common_auditentry", column="reason")]
