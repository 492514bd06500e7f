-- Refuses extensions that are not on the project's list, whatever makes them: the row of one that a statement makes or changes
-- is no older than its transaction. {allowed} and {project} are put in by who installs this.
CREATE FUNCTION espalier.check_extensions() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $check$
DECLARE
    refused name;
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
        RETURN;
    END IF;
    SELECT e.extname INTO refused
    FROM pg_extension e
    WHERE age(e.xmin) <= age(pg_current_xact_id()::xid)
      AND NOT (e.extname = ANY ({allowed}::text[]) OR '*' = ANY ({allowed}::text[]))
    ORDER BY e.extname LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the extension "%" is not among those that the project % allows', refused, {project}
            USING ERRCODE = '42501',
                  HINT = format('It allows: %s. Who manages it changes that: espalier projects update %s --extensions NAME,...',
                      coalesce(nullif(array_to_string({allowed}::text[], ', '), ''), 'none'), {project});
    END IF;
END $check$;
