from django.db import migrations

from common.append_only import blankable


class Migration(migrations.Migration):
    dependencies = [("customers", "0033_erasures"), ("common", "0009_rows_can_be_blanked")]
    operations = [blankable("customers_event", owner="customer_id", column="data")]
