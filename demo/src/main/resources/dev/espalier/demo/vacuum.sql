-- One statement, because VACUUM runs in no transaction. It marks the pages that COPY left unmarked, so that whoever
-- branches from here does not write them again, and samples every table. The sample keeps raw values (e-mails, phones)
-- in pg_stats, as in a production database.
VACUUM (ANALYZE)
    public.refresh_state,
    public.refresh_state_references,
    public.refresh_keys,
    public.final_entities,
    public.relations,
    public.search,
    public.locations,
    public.location_update_log,
    public.stitch_queue;
