from django.db import migrations

from common.append_only import movable


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0010_imports_undone"),
        ("common", "0007_rows_can_move"),
    ]
    operations = [
        movable("loyalty_transaction", owner="member_id"),
        movable("loyalty_entry", owner="account_id"),
    ]
