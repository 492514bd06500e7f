-- Whether a database was under rules when it was looked at, and whether the branch had it at all. What was signed before says the first;
-- what was not there was not in it.
ALTER TABLE control.attested_database
    ADD COLUMN governed boolean,
    ADD COLUMN present  boolean NOT NULL DEFAULT true;

UPDATE control.attested_database d
SET governed = coalesce(s.governed, false)
FROM (
    SELECT a.uid, b.value ->> 'database' AS database, (b.value ->> 'governed')::boolean AS governed
    FROM control.attestation a
    -- A part of a JSON Web Signature is base64url without padding.
    CROSS JOIN LATERAL (SELECT translate(split_part(a.signed, '.', 2), '-_', '+/') AS text) p
    CROSS JOIN LATERAL jsonb_array_elements(
        convert_from(decode(rpad(p.text, (length(p.text) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb -> 'databases') b
) s
WHERE s.uid = d.attestation_uid AND s.database = d.database;

ALTER TABLE control.attested_database
    ALTER COLUMN governed SET NOT NULL,
    ALTER COLUMN present DROP DEFAULT;

CREATE OR REPLACE VIEW governance.attestations AS
SELECT a.uid AS attestation_id, a.verified AS verified_at, a.verified_by, a.project_id, a.project_uid, a.branch_id,
       a.branch_uid, d.catalog, d.database, d.epoch, d.frame, d.checks, d.warnings, a.signed, d.governed, d.present
FROM control.attestation a
JOIN control.attested_database d ON d.attestation_uid = a.uid;
