-- The time that retention goes by, and for how long an Espalier has run since the clock was seen far from it; NULL
-- while it is not. Empty until retention looks for the first time.
CREATE TABLE journal.retention_clock (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    time        timestamptz NOT NULL,
    far_seconds bigint
);

-- Which rows retention has dropped is read with each day that it drops, and must not cost a look at the whole audit.
CREATE INDEX audit_dropped ON journal.audit (event_time)
    WHERE action_name = 'dropAuditPartition' AND service_name = 'espalier';
