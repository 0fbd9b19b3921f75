
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Scores of recency, frequency and monetary value, and the cuts they are given by."""
    dependencies = [
        ("customers", "0007_imports_can_pause"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScoreCuts",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "recency",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), size=None
                    ),
                ),
                (
                    "frequency",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "monetary",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=2, max_digits=14), size=None
                    ),
                ),
                ("set_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="customermetrics",
            name="frequency_score",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="frequency"),
        ),
        migrations.AddField(
            model_name="customermetrics",
            name="monetary_score",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="monetary value"),
        ),
        migrations.AddField(
            model_name="customermetrics",
            name="recency_score",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="recency"),
        ),
    ]
