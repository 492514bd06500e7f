-- The planner's statistics: the correlation Backstage declares, then a sample of every table. A sample keeps raw values
-- (e-mails, phones) in pg_stats, as in a production database that autovacuum has visited.

CREATE STATISTICS public.search_key_value_stats (dependencies, ndistinct, mcv) ON key, value FROM public.search;

ANALYZE public.refresh_state;
ANALYZE public.refresh_state_references;
ANALYZE public.refresh_keys;
ANALYZE public.final_entities;
ANALYZE public.relations;
ANALYZE public.search;
ANALYZE public.locations;
ANALYZE public.location_update_log;
ANALYZE public.stitch_queue;
