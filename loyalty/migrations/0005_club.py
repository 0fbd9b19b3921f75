"""The programme that a shop begins with; its names and limits are the shop's to change."""

from django.db import migrations

TIERS = [("Bronze", 0), ("Prata", 500), ("Ouro", 2000)]
BOOKS = ["issued", "redeemed", "expired"]


def begin_club(apps, schema_editor):
    programme = apps.get_model("loyalty", "Programme").objects.create(name="Clube")
    tier, account = apps.get_model("loyalty", "Tier"), apps.get_model("loyalty", "Account")
    for rank, (name, minimum_spend) in enumerate(TIERS, start=1):
        tier.objects.create(
            programme=programme, name=name, rank=rank, minimum_spend=minimum_spend
        )
    for kind in BOOKS:
        account.objects.create(programme=programme, kind=kind)


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0004_draws_are_append_only")]
    operations = [migrations.RunPython(begin_club, migrations.RunPython.noop)]
