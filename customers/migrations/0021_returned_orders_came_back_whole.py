from django.db import migrations

# Before lines could come back one by one, a returned order had come back whole.
LINES = """
    UPDATE customers_orderline l SET returned_quantity = l.quantity
    FROM customers_order o WHERE o.id = l.order_id AND o.status = 'returned'
"""
ORDERS = """
    UPDATE customers_order o SET returned_total = lines.total
    FROM (
        SELECT order_id, sum(returned_total) AS total FROM customers_orderline
        WHERE returned_quantity > 0 GROUP BY order_id
    ) AS lines
    WHERE o.id = lines.order_id
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0020_returned_lines")]

    operations = [migrations.RunSQL([LINES, ORDERS], migrations.RunSQL.noop)]
