import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("web_form", "Web form"),
    ("till", "Till"),
    ("call_centre", "Call centre"),
    ("preference_centre", "Preference centre"),
    ("unsubscribe_link", "Unsubscribe link"),
    ("import", "Import"),
    ("api", "API"),
    ("whatsapp", "WhatsApp"),
    ("merge", "Merge of two records"),
    ("system", "Calendar and changed texts"),
]
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0010_purposes_in_plain_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("code", models.SlugField(max_length=32, primary_key=True, serialize=False, verbose_name="code")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
            ],
            options={"verbose_name": "notice", "verbose_name_plural": "notices"},
        ),
        migrations.CreateModel(
            name="NoticeVersion",
            fields=[
                ID,
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("is_material", models.BooleanField(default=False, verbose_name="changes what people agreed to")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("notice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="consent.notice", verbose_name="notice")),
                ("published_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="published by")),
                ("purposes", models.ManyToManyField(related_name="+", to="consent.purpose", verbose_name="purposes")),
            ],
            options={
                "verbose_name": "version of a notice",
                "verbose_name_plural": "versions of notices",
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "number"), name="notice_version_once"),
                    models.UniqueConstraint(condition=Q(published_at=None), fields=("notice",), name="notice_has_one_draft_at_most"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeText",
            fields=[
                ID,
                ("language", models.CharField(choices=[("en", "English"), ("pt-br", "Portuguese (Brazil)")], max_length=10, verbose_name="language")),
                ("body", models.TextField(verbose_name="text")),
                ("recipients", models.TextField(verbose_name="who receives the data")),
                ("retention", models.TextField(verbose_name="how long they are kept")),
                ("body_sha256", models.BinaryField(editable=False, max_length=32)),
                ("version", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="consent.noticeversion")),
            ],
            options={
                "verbose_name": "text of a notice",
                "verbose_name_plural": "texts of notices",
                "constraints": [
                    models.UniqueConstraint(fields=("version", "language"), name="notice_text_once_per_language")
                ],
            },
        ),
        migrations.CreateModel(
            name="CollectionPoint",
            fields=[
                ("code", models.SlugField(max_length=32, primary_key=True, serialize=False, verbose_name="code")),
                ("kind", models.CharField(choices=KINDS, max_length=20, verbose_name="kind")),
                ("name_en", models.CharField(max_length=100, verbose_name="name in English")),
                ("name_pt", models.CharField(max_length=100, verbose_name="name in Portuguese")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("double_opt_in", models.BooleanField(default=False, verbose_name="asks to confirm by message")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("notice", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="consent.notice", verbose_name="notice shown there")),
            ],
            options={
                "verbose_name": "collection point",
                "verbose_name_plural": "collection points",
                "constraints": [
                    models.CheckConstraint(condition=Q(version__gt=0), name="collection_point_versions_count_from_one")
                ],
            },
        ),
    ]
