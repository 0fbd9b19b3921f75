from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_one_index_for_orders_of_a_customer")]
    operations = [
        migrations.AlterField(
            "importjob",
            "state",
            models.CharField(
                "state",
                max_length=10,
                choices=[
                    ("uploaded", "Uploaded"),
                    ("checking", "Checking"),
                    ("ready", "Checked, waiting for your go"),
                    ("queued", "Waiting"),
                    ("merging", "Running"),
                    ("paused", "Paused"),
                    ("done", "Done"),
                    ("refused", "Refused"),
                    ("cancelled", "Cancelled"),
                ],
                default="uploaded",
            ),
        )
    ]
