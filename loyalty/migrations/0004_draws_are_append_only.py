from django.db import migrations

from common.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_lots_know_what_was_drawn")]
    operations = [append_only("loyalty_draw")]
