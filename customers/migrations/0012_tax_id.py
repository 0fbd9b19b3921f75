from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0011_consumers_fail_visibly")]
    operations = [
        migrations.AddField(
            "customer",
            "tax_id",
            models.CharField("CPF or CNPJ", max_length=14, blank=True, default="", db_default=""),
        ),
        migrations.AddIndex(
            "customer",
            models.Index(
                fields=["tax_id"],
                name="customer_by_tax_id",
                condition=models.Q(("tax_id", ""), _negated=True),
            ),
        ),
    ]
