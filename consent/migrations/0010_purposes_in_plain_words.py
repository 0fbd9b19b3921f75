from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("consent", "0009_retention")]
    operations = [
        migrations.AddField(
            "purpose",
            "explanation_en",
            models.TextField("explanation in English", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "purpose",
            "explanation_pt",
            models.TextField("explanation in Portuguese", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "purpose", "adults_only", models.BooleanField("adults only", default=False)
        ),
        migrations.AddField(
            "purpose",
            "valid_days",
            models.PositiveIntegerField("days until it ends", null=True, blank=True),
        ),
        migrations.AddField("purpose", "is_active", models.BooleanField("in use", default=True)),
        migrations.AddConstraint(
            "purpose",
            models.CheckConstraint(
                condition=Q(valid_days=None) | Q(valid_days__gt=0),
                name="purpose_is_valid_for_a_day_at_least",
            ),
        ),
    ]
