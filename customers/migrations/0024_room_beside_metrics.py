from django.db import migrations


class Migration(migrations.Migration):
    """Leave room in each page of rollups: who is seen is written there again and again."""

    dependencies = [("customers", "0023_what_events_add_up_to")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE customers_customermetrics SET (fillfactor = 80)",
            "ALTER TABLE customers_customermetrics RESET (fillfactor)",
        )
    ]
