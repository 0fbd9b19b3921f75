from django.db import migrations

from common.append_only import movable


class Migration(migrations.Migration):
    dependencies = [("customers", "0028_merges"), ("common", "0007_rows_can_move")]
    operations = [movable("customers_event", owner="customer_id")]
