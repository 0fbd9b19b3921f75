from django.db import migrations

# Until now an order earned once and gave back once, by the references of its transactions.
FILL = """
    INSERT INTO loyalty_orderpoints (order_id, rate, points, earned, reclaimed, postings)
    SELECT o.id, p.points_per_unit,
           CASE WHEN reversed.id IS NULL THEN lot.points ELSE 0 END,
           lot.points,
           CASE WHEN reversed.id IS NULL THEN 0 ELSE lot.points END,
           CASE WHEN reversed.id IS NULL THEN 1 ELSE 2 END
    FROM customers_order o
    JOIN loyalty_transaction earned ON earned.reference = 'order:' || o.external_id || ':earned'
    JOIN loyalty_lot lot ON lot.transaction_id = earned.id
    JOIN loyalty_member m ON m.id = earned.member_id
    JOIN loyalty_programme p ON p.id = m.programme_id
    LEFT JOIN loyalty_transaction reversed
        ON reversed.reference = 'order:' || o.external_id || ':reversed'
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0008_order_points")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
