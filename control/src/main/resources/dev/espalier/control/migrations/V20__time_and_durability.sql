-- The newest time at which the clock was believed, so that one that has jumped ahead is noticed also at a start.
ALTER TABLE control.installation ADD COLUMN time_known timestamptz;

-- Whether it had jumped ahead since, and was not believed yet.
ALTER TABLE control.installation ADD COLUMN time_doubted boolean NOT NULL DEFAULT false;

-- Whether the branch keeps the state before a restore of a branch that nothing could make again.
ALTER TABLE control.branch ADD COLUMN keeps_durable boolean NOT NULL DEFAULT false;
