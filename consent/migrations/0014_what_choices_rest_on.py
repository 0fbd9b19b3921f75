import django.db.models.deletion
from django.db import migrations, models

ACTS = [
    ("given", "Given"),
    ("renewed", "Renewed"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("objected", "Objected"),
    ("expired", "Expired"),
    ("suspended", "Suspended by a changed text"),
    ("imported_unproven", "Imported without proof"),
]
ACTORS = [
    ("subject", "The person"),
    ("guardian", "A parent or guardian"),
    ("staff", "Staff, for the person"),
    ("program", "A program, for the person"),
    ("file", "A file"),
    ("system", "This system"),
    ("provider", "The mail or phone provider"),
]


class Migration(migrations.Migration):
    dependencies = [("consent", "0013_standard_notice")]
    operations = [
        migrations.AlterField(
            "consentevent", "act", models.CharField("choice", max_length=20, choices=ACTS)
        ),
        migrations.AlterField(
            "consentevent",
            "collection_point",
            models.ForeignKey(
                "consent.collectionpoint",
                django.db.models.deletion.PROTECT,
                verbose_name="collected at",
            ),
        ),
        migrations.AddField(
            "consentevent",
            "notice_text",
            models.ForeignKey(
                "consent.noticetext",
                django.db.models.deletion.PROTECT,
                null=True,
                db_index=False,
                verbose_name="text shown",
            ),
        ),
        migrations.AddField(
            "consentevent",
            "collection_version",
            models.PositiveIntegerField("version of the collection point", null=True),
        ),
        migrations.AddField(
            "consentevent",
            "actor_kind",
            models.CharField("chosen by", max_length=10, choices=ACTORS, default="subject"),
        ),
        migrations.AddField(
            "consentevent", "valid_until", models.DateTimeField("valid until", null=True)
        ),
        migrations.AddField("consentevent", "evidence_sealed", models.BinaryField(null=True)),
        migrations.AddField(
            "consentevent", "first_customer_id", models.BigIntegerField(editable=False, null=True)
        ),
        migrations.AddField(
            "consentevent",
            "chain_position",
            models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            "consentevent",
            "previous_hash",
            models.BinaryField(max_length=32, editable=False, null=True),
        ),
        migrations.AddField(
            "consentevent",
            "row_hash",
            models.BinaryField(max_length=32, editable=False, null=True),
        ),
    ]
