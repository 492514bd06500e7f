-- Branches whose data were masked before they were written: mirrors, and what is made from them.
ALTER TABLE control.branch ADD COLUMN masked_for text;

-- How a mirror follows its source, as it was last seen.
CREATE TABLE control.mirror (
    branch_uid text PRIMARY KEY REFERENCES control.branch ON DELETE CASCADE,
    state      text NOT NULL,
    reason     text,
    lag_bytes  bigint
);

-- What a source holds for a database of a mirror: a publication and a replication slot. A row is there before they are, and
-- until they are gone; it names a mirror, and a volume of it, that may be gone before.
CREATE TABLE control.mirror_feed (
    name              text PRIMARY KEY,
    source_uid        text NOT NULL REFERENCES control.branch ON DELETE CASCADE,
    mirror_uid        text NOT NULL,
    mirror_volume     text NOT NULL,
    -- The mirror's cluster, which the slots of first copies are named after.
    system_identifier text NOT NULL,
    database          text NOT NULL,
    -- SHA-256 of the source's schema that the mirror was made with.
    schema_hash       text NOT NULL,
    tables            text[] NOT NULL
);

CREATE INDEX mirror_feed_by_source ON control.mirror_feed (source_uid);
