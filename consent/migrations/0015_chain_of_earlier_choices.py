"""Chain the choices that are there already, as the trigger will chain the next ones."""

from django.db import migrations

# Extract, and not the timestamps as text: those depend on the session's time zone.
DIGEST = """
CREATE FUNCTION consent_event_digest(event consent_consentevent) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(event.previous_hash || convert_to(jsonb_build_array(
        event.id, event.first_customer_id, event.chain_position, event.purpose_id, event.channel,
        event.category, event.act, event.basis, event.notice_text_id, event.collection_point_id,
        event.collection_version, event.actor_kind, event.actor_id,
        extract(epoch FROM event.occurred_at), extract(epoch FROM event.recorded_at),
        extract(epoch FROM event.valid_until), encode(event.evidence_sealed, 'hex'),
        event.reference
    )::text, 'UTF8'))
$$
"""
FILL = """
ALTER TABLE consent_consentevent DISABLE TRIGGER consent_consentevent_is_append_only;

UPDATE consent_consentevent event SET
    first_customer_id = customer_id,
    chain_position = earlier.position,
    previous_hash = '',
    actor_kind = CASE
        WHEN reference LIKE 'file:%' THEN 'file'
        WHEN reference LIKE 'merge:%' THEN 'system'
        ELSE 'subject'
    END
FROM (
    SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY id) AS position
    FROM consent_consentevent
) AS earlier
WHERE earlier.id = event.id;

DO $$
BEGIN
    FOR link IN 1 .. (SELECT coalesce(max(chain_position), 0) FROM consent_consentevent) LOOP
        UPDATE consent_consentevent event SET previous_hash = before.row_hash
        FROM consent_consentevent before
        WHERE event.chain_position = link AND before.chain_position = link - 1
          AND before.customer_id = event.customer_id;
        UPDATE consent_consentevent event SET row_hash = consent_event_digest(event)
        WHERE chain_position = link;
    END LOOP;
END $$;

-- A row written twice in one transaction has its foreign keys checked at the end; do it now.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE consent_consentevent ENABLE TRIGGER consent_consentevent_is_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0014_what_choices_rest_on")]
    operations = [
        migrations.RunSQL(DIGEST, "DROP FUNCTION consent_event_digest"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
