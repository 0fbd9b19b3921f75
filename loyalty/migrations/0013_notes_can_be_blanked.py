from django.db import migrations

from common.append_only import blankable


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0012_points_brought_over"),
        ("common", "0009_rows_can_be_blanked"),
    ]
    operations = [blankable("loyalty_transaction", owner="member_id", column="note")]
