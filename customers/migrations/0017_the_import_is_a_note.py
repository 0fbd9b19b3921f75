from django.db import migrations, models
from django.db.models.deletion import SET_NULL


class Migration(migrations.Migration):
    """Rows name the file that brought them; they no longer ask whether its job exists."""

    dependencies = [("customers", "0016_one_index_for_lines_of_an_order")]
    operations = [
        migrations.AlterField(
            model,
            "imported_by",
            models.ForeignKey(
                "customers.importjob", SET_NULL, null=True, editable=False, db_constraint=False
            ),
        )
        for model in ("cart", "customer", "order")
    ]
