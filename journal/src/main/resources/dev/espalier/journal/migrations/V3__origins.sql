-- What the statements of a session have in common (who, through what, on what) is one row, to which they refer: the loader writes a
-- third of the bytes that it would write otherwise. The views answer as before.

ALTER TABLE journal.statement RENAME TO statement_whole;
ALTER INDEX journal.statement_by_time RENAME TO statement_whole_by_time;

DO $$
DECLARE
    partition text;
BEGIN
    FOR partition IN
        SELECT c.relname
        FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'journal.statement_whole'::regclass
    LOOP
        EXECUTE format('ALTER TABLE journal.%I RENAME TO %I', partition, 'whole_' || partition);
    END LOOP;
END
$$;

-- Numbered by the sequence of the first statement that has it.
CREATE TABLE journal.origin (
    start_date        date NOT NULL,
    journal_id        uuid NOT NULL,
    origin            bigint NOT NULL,
    project_id        text,
    project_name      text,
    branch_id         text,
    branch_name       text,
    endpoint_id       text,
    endpoint_name     text,
    principal         text,
    agent             text,
    application       text,
    tool              text,
    session_id        text,
    request_id        text,
    source_ip_address text,
    client            text,
    database_name     text,
    role_name         text,
    PRIMARY KEY (start_date, journal_id, origin)
) PARTITION BY RANGE (start_date);

CREATE TABLE journal.statement (
    journal_id        uuid NOT NULL,
    journal_sequence  bigint NOT NULL,
    origin            bigint NOT NULL,
    loaded_time       timestamptz NOT NULL DEFAULT now(),
    start_time        timestamptz NOT NULL,
    duration_ns       bigint NOT NULL,
    first_row_ns      bigint NOT NULL,
    cpu_time_ns       bigint NOT NULL,
    row_count         bigint NOT NULL,
    bytes_to_client   bigint NOT NULL,
    bytes_from_client bigint NOT NULL,
    start_date        date NOT NULL GENERATED ALWAYS AS ((start_time AT TIME ZONE 'UTC')::date) STORED,
    truncated         boolean NOT NULL,
    parsed            boolean NOT NULL,
    statement_id      text,
    statement_text    text,
    statement_type    text,
    protocol          text,
    command_tag       text,
    error_sqlstate    text,
    error_message     text,
    claims            jsonb
) PARTITION BY RANGE (start_time);

CREATE INDEX statement_by_time ON journal.statement USING brin (start_time);

DO $$
DECLARE
    day date;
BEGIN
    FOR day IN
        SELECT right(c.relname, 8)::date
        FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'journal.statement_whole'::regclass
    LOOP
        EXECUTE format(
            'CREATE TABLE journal.%I PARTITION OF journal.origin FOR VALUES FROM (%L) TO (%L)',
            'origin_' || to_char(day, 'YYYYMMDD'), day, day + 1);
        EXECUTE format(
            'CREATE TABLE journal.%I PARTITION OF journal.statement (CHECK (start_date = DATE %L)) '
            'FOR VALUES FROM (%L) TO (%L)',
            'statement_' || to_char(day, 'YYYYMMDD'), day, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
    END LOOP;
END
$$;

CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT
    *,
    min(journal_sequence) OVER (PARTITION BY
        start_date, journal_id, project_id, project_name, branch_id, branch_name, endpoint_id, endpoint_name,
        principal, agent, application, tool, session_id, request_id,
        source_ip_address, client, database_name, role_name) AS origin
FROM journal.statement_whole;

INSERT INTO journal.origin (
    start_date, journal_id, origin, project_id, project_name, branch_id, branch_name, endpoint_id, endpoint_name,
    principal, agent, application, tool, session_id, request_id, source_ip_address, client, database_name, role_name)
SELECT
    start_date, journal_id, origin, project_id, project_name, branch_id, branch_name, endpoint_id, endpoint_name,
    principal, agent, application, tool, session_id, request_id, source_ip_address, client, database_name, role_name
FROM numbered
WHERE journal_sequence = origin;

INSERT INTO journal.statement (
    journal_id, journal_sequence, origin, loaded_time, start_time, duration_ns, first_row_ns, cpu_time_ns, row_count,
    bytes_to_client, bytes_from_client, truncated, parsed, statement_id, statement_text, statement_type, protocol,
    command_tag, error_sqlstate, error_message, claims)
SELECT
    journal_id, journal_sequence, origin, loaded_time, start_time, duration_ns, first_row_ns, cpu_time_ns, row_count,
    bytes_to_client, bytes_from_client, truncated, parsed, statement_id, statement_text, statement_type, protocol,
    command_tag, error_sqlstate, error_message, nullif(claims, '{}')
FROM numbered
ORDER BY start_time;

CREATE OR REPLACE VIEW query.history AS
SELECT
    NULL::text AS account_id,
    NULL::text AS workspace_id,
    s.statement_id,
    o.principal AS executed_by,
    o.session_id,
    CASE
        WHEN s.error_sqlstate IS NULL THEN 'FINISHED'
        WHEN s.error_sqlstate = '57014' THEN 'CANCELED'
        ELSE 'FAILED'
    END AS execution_status,
    ROW('ENDPOINT', NULL, NULL, o.endpoint_id)::query.compute AS compute,
    o.principal AS executed_by_user_id,
    s.statement_text,
    s.statement_type,
    s.error_message,
    o.client AS client_application,
    NULL::text AS client_driver,
    s.duration_ns / 1000000 AS total_duration_ms,
    NULL::bigint AS waiting_for_compute_duration_ms,
    NULL::bigint AS waiting_at_capacity_duration_ms,
    s.first_row_ns / 1000000 AS execution_duration_ms,
    NULL::bigint AS compilation_duration_ms,
    s.cpu_time_ns / 1000000 AS total_task_duration_ms,
    (s.duration_ns - s.first_row_ns) / 1000000 AS result_fetch_duration_ms,
    s.start_time,
    s.start_time + (s.duration_ns / 1000) * interval '1 microsecond' AS end_time,
    s.loaded_time AS update_time,
    NULL::bigint AS read_partitions,
    NULL::bigint AS pruned_files,
    NULL::bigint AS read_files,
    NULL::bigint AS read_rows,
    CASE WHEN s.command_tag ~ '^(SELECT|FETCH) ' THEN s.row_count END AS produced_rows,
    NULL::bigint AS read_bytes,
    NULL::int AS read_io_cache_percent,
    false AS from_result_cache,
    NULL::bigint AS spilled_local_bytes,
    NULL::bigint AS written_bytes,
    NULL::bigint AS shuffle_read_bytes,
    NULL::jsonb AS query_source,
    o.role_name AS executed_as_user_id,
    o.role_name AS executed_as,
    CASE WHEN s.command_tag ~ '^(INSERT|UPDATE|DELETE|MERGE) ' THEN s.row_count END AS written_rows,
    NULL::bigint AS written_files,
    NULL::text AS cache_origin_statement_id,
    NULL::jsonb AS query_parameters,
    jsonb_strip_nulls(jsonb_build_object(
        'agent', o.agent, 'application', o.application, 'tool', o.tool, 'request_id', o.request_id)) AS query_tags,
    NULL::bigint AS pruned_files_bytes,
    NULL::bigint AS read_files_bytes,
    o.project_id,
    o.project_name,
    o.branch_id,
    o.branch_name,
    o.endpoint_id,
    o.endpoint_name,
    o.principal,
    o.agent,
    o.application,
    o.tool,
    o.request_id,
    o.source_ip_address,
    o.database_name,
    o.role_name,
    s.start_date,
    s.protocol,
    s.parsed,
    s.truncated,
    s.command_tag,
    s.duration_ns,
    s.first_row_ns,
    s.cpu_time_ns,
    s.row_count,
    s.bytes_to_client,
    s.bytes_from_client,
    s.error_sqlstate,
    coalesce(s.claims, '{}') AS claims
FROM journal.statement s
LEFT JOIN journal.origin o
    ON o.start_date = s.start_date AND o.journal_id = s.journal_id AND o.origin = s.origin;

CREATE OR REPLACE VIEW billing.cost_by_tool AS
WITH part AS (
    SELECT
        u.usage_date,
        date_trunc('hour', u.usage_start_time, 'UTC') AS usage_hour,
        u.project_id,
        u.project_name,
        u.branch_id,
        u.branch_name,
        u.endpoint_id,
        u.endpoint_name,
        NULL AS principal,
        NULL AS agent,
        NULL AS application,
        'postgresql' AS tool,
        0 AS statements,
        CASE u.sku WHEN 'CPU' THEN u.quantity ELSE 0 END AS cpu_seconds,
        u.quantity * p.price / k.base_per_unit AS cost,
        -- What costs nothing costs it in no currency.
        CASE WHEN p.price <> 0 THEN p.currency_code END AS currency_code
    FROM journal.usage u
    JOIN journal.sku k USING (sku)
    LEFT JOIN journal.price p
        ON p.sku = u.sku
        AND u.usage_start_time >= p.price_start_time
        AND (p.price_end_time IS NULL OR u.usage_start_time < p.price_end_time)
    WHERE u.sku IN ('COMPUTE', 'CPU')
    UNION ALL
    SELECT
        s.start_date,
        date_trunc('hour', s.start_time, 'UTC'),
        o.project_id,
        o.project_name,
        o.branch_id,
        o.branch_name,
        o.endpoint_id,
        o.endpoint_name,
        share.principal,
        share.agent,
        share.application,
        share.tool,
        share.statements,
        share.cpu_seconds,
        0,
        NULL
    FROM journal.statement s
    LEFT JOIN journal.origin o
        ON o.start_date = s.start_date AND o.journal_id = s.journal_id AND o.origin = s.origin
    CROSS JOIN LATERAL (VALUES
        (o.principal, o.agent, o.application, o.tool, 1, s.cpu_time_ns / 1e9),
        (NULL, NULL, NULL, 'postgresql', 0, -s.cpu_time_ns / 1e9)
    ) AS share (principal, agent, application, tool, statements, cpu_seconds)
),
summed AS (
    SELECT
        usage_date,
        usage_hour,
        max(project_id) AS project_id,
        max(project_name) AS project_name,
        max(branch_id) AS branch_id,
        max(branch_name) AS branch_name,
        endpoint_id,
        max(endpoint_name) AS endpoint_name,
        principal,
        agent,
        application,
        tool,
        sum(statements) AS statements,
        greatest(sum(cpu_seconds), 0) AS cpu_seconds,
        sum(cost) AS cost,
        max(currency_code) AS currency_code
    FROM part
    GROUP BY usage_date, usage_hour, endpoint_id, principal, agent, application, tool
),
whole AS (
    SELECT
        summed.*,
        sum(cpu_seconds) OVER endpoint_hour AS cpu_of_all,
        sum(cost) OVER endpoint_hour AS cost_of_all,
        max(currency_code) OVER endpoint_hour AS currency_of_all
    FROM summed
    WINDOW endpoint_hour AS (PARTITION BY usage_date, usage_hour, endpoint_id)
)
SELECT
    usage_date,
    usage_hour,
    project_id,
    project_name,
    branch_id,
    branch_name,
    endpoint_id,
    endpoint_name,
    principal,
    agent,
    application,
    tool,
    statements,
    cpu_seconds,
    currency_of_all AS currency_code,
    CASE
        WHEN cpu_of_all > 0 THEN cost_of_all * cpu_seconds / cpu_of_all
        WHEN tool = 'postgresql' AND principal IS NULL THEN cost_of_all
        ELSE 0
    END AS cost
FROM whole
WHERE currency_of_all IS NOT NULL;

DROP TABLE journal.statement_whole;
