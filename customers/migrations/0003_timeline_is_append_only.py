from django.db import migrations

from common.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_tables")]
    operations = [append_only("customers_event")]
