-- The time that retention goes by, and for how long an Espalier has run since the clock was seen far from it; NULL
-- while it is not. Empty until retention looks for the first time.
CREATE TABLE journal.retention_clock (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    time        timestamptz NOT NULL,
    far_seconds bigint
);
