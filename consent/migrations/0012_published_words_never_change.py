"""What was published stays as people read it; the database hashes the words."""

from django.db import migrations

WORDS = """
CREATE FUNCTION refuse_change_of_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published version never changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER consent_noticeversion_is_kept BEFORE UPDATE OR DELETE ON consent_noticeversion
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_version();

-- Of texts and purposes of a version; the argument is the column that leads to it.
CREATE FUNCTION refuse_change_of_published_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    versions bigint[];
BEGIN
    versions := ARRAY[(to_jsonb(OLD) ->> TG_ARGV[0])::bigint,
                      (to_jsonb(NEW) ->> TG_ARGV[0])::bigint];
    -- The lock makes a publication under way and a last change of the words take turns.
    PERFORM FROM consent_noticeversion WHERE id = ANY(versions) FOR SHARE;
    IF EXISTS (SELECT FROM consent_noticeversion
               WHERE id = ANY(versions) AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the words of a published version never change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER consent_noticetext_is_kept BEFORE INSERT OR UPDATE OR DELETE ON consent_noticetext
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_words('version_id');

CREATE TRIGGER consent_noticeversion_purposes_are_kept
BEFORE INSERT OR UPDATE OR DELETE ON consent_noticeversion_purposes
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_words('noticeversion_id');

CREATE FUNCTION hash_notice_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.body_sha256 := sha256(convert_to(NEW.body, 'UTF8'));
    RETURN NEW;
END $$;

CREATE TRIGGER consent_noticetext_is_hashed BEFORE INSERT OR UPDATE ON consent_noticetext
FOR EACH ROW EXECUTE FUNCTION hash_notice_text();

CREATE TRIGGER consent_noticeversion_is_never_truncated BEFORE TRUNCATE ON consent_noticeversion
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consent_noticetext_is_never_truncated BEFORE TRUNCATE ON consent_noticetext
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
NO_WORDS = """
DROP TRIGGER consent_noticeversion_is_never_truncated ON consent_noticeversion;
DROP TRIGGER consent_noticetext_is_never_truncated ON consent_noticetext;
DROP TRIGGER consent_noticetext_is_hashed ON consent_noticetext;
DROP TRIGGER consent_noticeversion_purposes_are_kept ON consent_noticeversion_purposes;
DROP TRIGGER consent_noticetext_is_kept ON consent_noticetext;
DROP TRIGGER consent_noticeversion_is_kept ON consent_noticeversion;
DROP FUNCTION hash_notice_text;
DROP FUNCTION refuse_change_of_published_words;
DROP FUNCTION refuse_change_of_published_version;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0011_notices_and_collection_points")]
    operations = [migrations.RunSQL(WORDS, NO_WORDS)]
