from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(
            # unaccent is only STABLE, since its dictionary may change; naming the dictionary
            # pins it, and what is declared immutable may be stored and indexed.
            """
            CREATE FUNCTION plain_text(text) RETURNS text
            LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
            RETURN public.unaccent('public.unaccent'::regdictionary, $1)
            """,
            "DROP FUNCTION plain_text(text)",
        ),
    ]
