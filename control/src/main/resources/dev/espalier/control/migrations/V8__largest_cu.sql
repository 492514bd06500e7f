-- The most compute units that an endpoint has been given before. A replica replays the log of all those times, and
-- PostgreSQL refuses one that allows fewer sessions than its primary did.
ALTER TABLE control.endpoint ADD COLUMN largest_cu double precision NOT NULL DEFAULT 0;
