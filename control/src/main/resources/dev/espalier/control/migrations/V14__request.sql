-- What was asked for, as JSON, of operations that go on after a kill.
ALTER TABLE control.operation ADD COLUMN request text;
-- Those of an earlier version, which cannot go on.
UPDATE control.operation
SET done = true, error_code = 'ABORTED', finish_time = now(),
    error_message = 'Espalier was stopped during the operation. It may have been done, or done in part. '
        'Look at the branch''s roles and databases, and ask again.'
WHERE NOT done AND (kind LIKE '%\_ROLE' OR kind LIKE '%\_DATABASE');
