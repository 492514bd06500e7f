-- Names are given anew: whoever has one now reads what was said by it since he is there. Told, as who asks, by a view that whoever
-- lets others in replaces.
CREATE VIEW journal.viewed_since AS SELECT NULL::timestamptz AS since;

CREATE OR REPLACE VIEW query.history WITH (security_barrier) AS
SELECT h.*
FROM journal.history h
WHERE (SELECT v.sees_all FROM journal.viewer v)
   OR (h.principal = (SELECT v.principal FROM journal.viewer v)
       AND h.start_time >= coalesce((SELECT s.since FROM journal.viewed_since s), '-infinity')
       AND ((SELECT v.agents FROM journal.viewer v) IS NULL
            OR h.agent = ANY ((SELECT v.agents FROM journal.viewer v)::text[])));
