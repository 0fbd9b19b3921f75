from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_scores")]
    operations = [
        migrations.AddField(
            "importjob", "header", models.JSONField(default=list, editable=False)
        )
    ]
