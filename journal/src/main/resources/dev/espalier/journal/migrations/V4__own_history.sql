-- Everybody may read what he has said himself. Who asks is told by a view that whoever lets others in replaces; until then only
-- the owner of all this can ask.
CREATE VIEW journal.viewer AS SELECT true AS sees_all, NULL::text AS principal, NULL::text[] AS agents;

ALTER VIEW query.history SET SCHEMA journal;
REVOKE ALL ON journal.history FROM PUBLIC;

-- A barrier, so that no function of a reader's is called with what he is not shown. The viewer is asked once for each query.
CREATE VIEW query.history WITH (security_barrier) AS
SELECT h.*
FROM journal.history h
WHERE (SELECT v.sees_all FROM journal.viewer v)
   OR (h.principal = (SELECT v.principal FROM journal.viewer v)
       AND ((SELECT v.agents FROM journal.viewer v) IS NULL
            OR h.agent = ANY ((SELECT v.agents FROM journal.viewer v)::text[])));
