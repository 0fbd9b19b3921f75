from django.db import migrations

from common.append_only import BLANKING, NOT_BLANKING


class Migration(migrations.Migration):
    dependencies = [("common", "0008_files_by_program")]
    operations = [migrations.RunSQL(BLANKING, NOT_BLANKING)]
