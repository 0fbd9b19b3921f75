"""Every shop begins with the same words, and with its goods marked by them."""

from django.db import migrations
from django.utils.timezone import now

from customers.rules.lexicon import STARTER


def fill(apps, schema_editor):
    at = now()
    apps.get_model("customers", "SensitiveTopic").objects.bulk_create(
        apps.get_model("customers", "SensitiveTopic")(
            code=topic.code,
            name_pt_br=topic.name_pt_br,
            name_en=topic.name_en,
            words_pt_br=topic.words_pt_br,
            words_en=topic.words_en,
            is_active=topic.is_active,
            changed_at=at,
            marked_at=at,
        )
        for topic in STARTER
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0040_the_database_marks_sensitive_goods")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(
            "UPDATE customers_product SET sensitive = true WHERE is_sensitive(category, name)",
            migrations.RunSQL.noop,
        ),
    ]
