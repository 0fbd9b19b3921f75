"""The offer behind apology vouchers: each has an amount of its own, on any order, for 90 days."""

from django.db import migrations


def add_apology_offer(apps, schema_editor):
    offer = apps.get_model("campaigns", "Offer")
    offer.objects.get_or_create(
        is_apology=True,
        defaults={
            "name": "Apology voucher",
            "effect": "amount",
            "amount": 1,
            "minimum_order": 0,
            "valid_days": 90,
            "per_customer_limit": None,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_apologies_are_emailed")]
    operations = [migrations.RunPython(add_apology_offer, migrations.RunPython.noop)]
