-- What branches occupied when that was last measured, so that a server that starts need not read all their files again.
CREATE TABLE control.branch_space (
    branch_uid      text PRIMARY KEY REFERENCES control.branch ON DELETE CASCADE,
    -- The figures are those of this volume.
    volume          text NOT NULL,
    exclusive_bytes bigint NOT NULL,
    history_bytes   bigint NOT NULL,
    measured_time   timestamptz NOT NULL
);

-- Of deleted branches, too: what is removed for good is looked for among all sources.
DROP INDEX control.branch_by_source;
CREATE INDEX branch_by_source ON control.branch (source_uid);
