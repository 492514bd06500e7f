-- Whether USE BRANCH has ever been granted on the catalog: only who has it connects to other branches than the default since. Of what
-- was revoked before this was kept nothing tells.
ALTER TABLE control.catalog ADD COLUMN limits_branches boolean NOT NULL DEFAULT false;

UPDATE control.catalog c
SET limits_branches = true
WHERE EXISTS (SELECT FROM control.privilege g WHERE g.catalog_uid = c.uid AND g.privilege = 'USE_BRANCH');
