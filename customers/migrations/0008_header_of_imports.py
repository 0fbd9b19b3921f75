from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_imports_can_pause")]
    operations = [
        migrations.AddField(
            "importjob", "header", models.JSONField(default=list, editable=False)
        )
    ]
