from django.db import migrations, models


class Migration(migrations.Migration):
    """A check foresees what an import will do; a rejected line stays in the file alone."""

    dependencies = [("customers", "0003_timeline_is_append_only")]
    operations = [
        migrations.RemoveField("rejectedrow", "cells"),
        migrations.AddField(
            "importjob", "preview", models.JSONField(default=dict, editable=False)
        ),
    ]
