import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("consent", "0033_evidence_can_be_blanked"),
    ]

    operations = [
        migrations.AlterField(
            model_name='privacysettings',
            name='evidence_months',
            field=models.PositiveSmallIntegerField(blank=True, default=60, help_text='Months after the permission has ended; then what proves it is destroyed, and only the choice itself, its day and the text shown stay.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)], verbose_name='evidence of consent'),
        ),
        migrations.AlterField(
            model_name='privacysettings',
            name='permissions_unused_months',
            field=models.PositiveSmallIntegerField(blank=True, default=24, help_text='Months without a message for its purpose and without a word, an order or a visit of the person; then a permission ends. Whose ends soon is listed a month before.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)], verbose_name='permissions that were not used'),
        ),
    ]
