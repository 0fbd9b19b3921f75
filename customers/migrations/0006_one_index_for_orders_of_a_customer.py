from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    """The sorted index serves alone what the foreign key's own index served unsorted."""

    dependencies = [("customers", "0005_declared_kinds")]
    operations = [
        migrations.AlterField(
            model,
            "customer",
            models.ForeignKey(
                "customers.customer",
                PROTECT,
                related_name=f"{model}s",
                db_index=False,
                verbose_name="customer",
            ),
        )
        for model in ("cart", "order")
    ]
