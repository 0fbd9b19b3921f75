from django.db import migrations

from common.append_only import movable


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_choices_of_merges"), ("common", "0007_rows_can_move")]
    operations = [movable("consent_consentevent", owner="customer_id")]
