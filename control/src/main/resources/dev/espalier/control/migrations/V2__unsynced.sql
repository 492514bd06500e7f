-- The boot of the machine during which the endpoint's server last wrote without fsync, until the file system has been
-- written out after it. After a power cut the data cannot be trusted.
ALTER TABLE control.endpoint ADD COLUMN unsynced_boot text;
