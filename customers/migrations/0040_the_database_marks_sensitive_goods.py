from django.db import migrations

# As customers.rules.lexicon.normal_words, with a space at both ends.
WORDS = r"""
CREATE FUNCTION lexicon_words(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ' ' || regexp_replace(
    public.plain_text(lower($1)), '-+(?![a-z0-9])|(?<![a-z0-9])-+|[^a-z0-9-]+', ' ', 'g'
) || ' '
"""
# All words in one pattern: PostgreSQL keeps it compiled, and reads each text once.
IS_SENSITIVE = """
CREATE FUNCTION is_sensitive(category text, name text DEFAULT '') RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE STRICT
RETURN coalesce(
    (
        SELECT decision.is_sensitive FROM customers_sensitivedecision decision
        WHERE decision.path = category OR starts_with(category, decision.path || ' > ')
        ORDER BY length(decision.path) DESC LIMIT 1
    ),
    public.lexicon_words(category) || public.lexicon_words(name) ~ (
        SELECT ' (' || string_agg(
            array_to_string(topic.words_pt_br || topic.words_en, '|'), '|' ORDER BY topic.code
        ) || ') '
        FROM customers_sensitivetopic topic
        WHERE topic.is_active AND cardinality(topic.words_pt_br || topic.words_en) > 0
    ),
    false
)
"""
MARK = """
CREATE FUNCTION mark_sensitive_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sensitive := is_sensitive(NEW.category, NEW.name);
    RETURN NEW;
END $$;
CREATE TRIGGER sensitive_products_are_marked BEFORE INSERT OR UPDATE ON customers_product
FOR EACH ROW EXECUTE FUNCTION mark_sensitive_product();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0039_sensitive_goods")]
    operations = [
        migrations.RunSQL(WORDS, "DROP FUNCTION lexicon_words(text)"),
        migrations.RunSQL(IS_SENSITIVE, "DROP FUNCTION is_sensitive(text, text)"),
        migrations.RunSQL(
            MARK,
            "DROP TRIGGER sensitive_products_are_marked ON customers_product;"
            " DROP FUNCTION mark_sensitive_product()",
        ),
    ]
