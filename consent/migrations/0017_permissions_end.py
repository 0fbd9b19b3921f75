from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Q

ALWAYS = datetime(9999, 12, 31, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [("consent", "0016_choices_are_chained")]
    operations = [
        migrations.AddField(
            "permission", "valid_until", models.DateTimeField(db_default=ALWAYS)
        ),
        migrations.AddIndex(
            "permission",
            models.Index(
                fields=["valid_until"],
                condition=Q(valid_until__lt=ALWAYS),
                name="permission_by_its_end",
            ),
        ),
    ]
