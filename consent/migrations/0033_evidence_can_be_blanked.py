"""Let what proves a choice be destroyed when it was kept long enough, and the chain hold.

A link hashed the sealed evidence itself. From now on it hashes the evidence's own hash, which
stays. Chains with evidence are hashed anew, but for those that were broken: they stay broken.
"""

from django.db import migrations, models
from django.db.models import Q

from common.append_only import blankable

# The hash that is kept speaks only for evidence that is gone: what is there is hashed.
DIGEST = """
CREATE OR REPLACE FUNCTION consent_event_digest(event consent_consentevent) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(event.previous_hash || convert_to(jsonb_build_array(
        event.id, event.first_customer_id, event.chain_position, event.purpose_id, event.channel,
        event.category, event.act, event.basis, event.notice_text_id, event.collection_point_id,
        event.collection_version, event.actor_kind, event.actor_id,
        extract(epoch FROM event.occurred_at), extract(epoch FROM event.recorded_at),
        extract(epoch FROM event.valid_until),
        encode(CASE WHEN event.evidence_sealed <> '' THEN sha256(event.evidence_sealed)
                    ELSE event.evidence_hash END, 'hex'),
        event.reference
    )::text, 'UTF8'))
$$
"""
CHAIN = """
CREATE FUNCTION keep_evidence_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.evidence_hash := sha256(NEW.evidence_sealed);
    RETURN NEW;
END $$;

-- Triggers of one moment run in the order of their names: before the row is chained.
CREATE TRIGGER consent_consentevent_evidence_is_hashed
BEFORE INSERT ON consent_consentevent FOR EACH ROW EXECUTE FUNCTION keep_evidence_hash();
"""
NO_CHAIN = """
DROP TRIGGER consent_consentevent_evidence_is_hashed ON consent_consentevent;
DROP FUNCTION keep_evidence_hash;
"""
FIND_CHAINS = """
CREATE TEMP TABLE chain_to_hash ON COMMIT DROP AS
SELECT first_customer_id FROM (
    SELECT first_customer_id, evidence_sealed,
           row_hash = consent_event_digest(event)
           AND previous_hash = coalesce(lag(row_hash) OVER chain, '')
           AND chain_position = row_number() OVER chain AS holds
    FROM consent_consentevent AS event
    WINDOW chain AS (PARTITION BY first_customer_id ORDER BY chain_position)
) AS link
GROUP BY first_customer_id HAVING bool_and(holds) AND bool_or(evidence_sealed IS NOT NULL)
"""
HASH_ANEW = """
ALTER TABLE consent_consentevent DISABLE TRIGGER consent_consentevent_is_append_only;

UPDATE consent_consentevent SET evidence_hash = sha256(evidence_sealed)
WHERE evidence_sealed IS NOT NULL;

DO $$
BEGIN
    FOR link IN 1 .. (
        SELECT coalesce(max(chain_position), 0)
        FROM consent_consentevent JOIN chain_to_hash USING (first_customer_id)
    ) LOOP
        UPDATE consent_consentevent event SET previous_hash = before.row_hash
        FROM consent_consentevent before JOIN chain_to_hash USING (first_customer_id)
        WHERE event.chain_position = link AND before.chain_position = link - 1
          AND before.first_customer_id = event.first_customer_id;
        UPDATE consent_consentevent event SET row_hash = consent_event_digest(event)
        FROM chain_to_hash
        WHERE event.chain_position = link
          AND chain_to_hash.first_customer_id = event.first_customer_id;
    END LOOP;
END $$;

-- A row written twice in one transaction has its foreign keys checked at the end; do it now.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE consent_consentevent ENABLE TRIGGER consent_consentevent_is_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0032_no_setting_without_effect"),
        ("common", "0014_bytes_can_be_blanked"),
    ]
    operations = [
        migrations.RunSQL(FIND_CHAINS, migrations.RunSQL.noop),
        migrations.AddField(
            "consentevent",
            "evidence_hash",
            models.BinaryField(max_length=32, null=True, editable=False),
        ),
        migrations.RunSQL(DIGEST, migrations.RunSQL.noop),
        migrations.RunSQL(HASH_ANEW, migrations.RunSQL.noop),
        migrations.RunSQL(CHAIN, NO_CHAIN),
        blankable("consent_consentevent", column="evidence_sealed", owner="customer_id"),
        migrations.AddIndex(
            "consentevent",
            models.Index(
                fields=["id"],
                condition=Q(evidence_sealed__gt=b""),
                name="consent_event_with_evidence",
            ),
        ),
    ]
