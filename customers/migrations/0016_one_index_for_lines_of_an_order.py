from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    """What keeps a line's number unique in its order finds the lines of the order as well."""

    dependencies = [("customers", "0015_webhooks")]
    operations = [
        migrations.AlterField(
            "orderline",
            "order",
            models.ForeignKey("customers.order", CASCADE, related_name="lines", db_index=False),
        )
    ]
