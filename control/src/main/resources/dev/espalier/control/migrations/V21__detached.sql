-- Position of its log at which a branch that is kept aside has let go of what is another's: taken back to before it, it does so again.
ALTER TABLE control.branch ADD COLUMN detached_lsn text;

-- Of those that have done so already it is not known.
UPDATE control.branch SET detached_lsn = 'FFFFFFFF/FFFFFFFF' WHERE keeps_durable AND NOT detach_at_next_start;

-- These began before the branch had let go: its history begins anew with its next snapshot.
DELETE FROM control.snapshot WHERE volume LIKE '%.origin';
