from django.db import migrations

# Django makes them beside the index of every unique text, by these names.
INDEXES = {
    "customers_customer_external_id_b1779fc4_like": "customers_customer",
    "customers_order_external_id_9dac2276_like": "customers_order",
}


class Migration(migrations.Migration):
    """Drop the indexes for parts of a number: nobody asks, and every import writes them."""

    dependencies = [("customers", "0025_imports_can_be_undone")]
    operations = [
        migrations.RunSQL(
            f"DROP INDEX IF EXISTS {index}",
            f"CREATE INDEX {index} ON {table} (external_id varchar_pattern_ops)",
        )
        for index, table in INDEXES.items()
    ]
