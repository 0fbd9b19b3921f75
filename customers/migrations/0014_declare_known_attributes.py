"""What files have brought so far becomes attributes: texts, about the person, named as they are."""

from django.db import migrations


def declare(apps, schema_editor):
    AttributeDefinition = apps.get_model("customers", "AttributeDefinition")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(attributes) AS key FROM customers_customer ORDER BY 1"
        )
        names = [name for (name,) in cursor.fetchall()]
    AttributeDefinition.objects.bulk_create(
        AttributeDefinition(
            code=name,
            label=name.replace("_", " ").capitalize(),
            type="text",
            choices=[],
            category="demographic",
        )
        for name in names
        if len(name) <= 64
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_attributes")]
    operations = [migrations.RunPython(declare, migrations.RunPython.noop)]
