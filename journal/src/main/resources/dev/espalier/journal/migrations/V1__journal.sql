-- What the loader fills. The tables are flat and partitioned by day; the views in query and access have Databricks' shape.

CREATE SCHEMA query;
CREATE SCHEMA access;

-- Up to where each journal is loaded, and where its chain of audit rows ends.
CREATE TABLE journal.position (
    journal_id     uuid PRIMARY KEY,
    sequence       bigint NOT NULL,
    chain_sequence bigint NOT NULL DEFAULT 0,
    chain_hash     bytea NOT NULL
);

CREATE TABLE journal.statement (
    journal_id        uuid NOT NULL,
    journal_sequence  bigint NOT NULL,
    loaded_time       timestamptz NOT NULL DEFAULT now(),
    start_time        timestamptz NOT NULL,
    start_date        date NOT NULL GENERATED ALWAYS AS ((start_time AT TIME ZONE 'UTC')::date) STORED,
    statement_id      text,
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
    statement_text    text,
    truncated         boolean NOT NULL,
    parsed            boolean NOT NULL,
    statement_type    text,
    protocol          text,
    command_tag       text,
    duration_ns       bigint NOT NULL,
    first_row_ns      bigint NOT NULL,
    cpu_time_ns       bigint NOT NULL,
    row_count         bigint NOT NULL,
    bytes_to_client   bigint NOT NULL,
    bytes_from_client bigint NOT NULL,
    error_sqlstate    text,
    error_message     text,
    claims            jsonb NOT NULL
) PARTITION BY RANGE (start_time);

-- Rows come nearly in the order of their times, so that a few pages of BRIN find a minute of a day.
CREATE INDEX statement_by_time ON journal.statement USING brin (start_time);

CREATE TABLE journal.audit (
    journal_id        uuid NOT NULL,
    journal_sequence  bigint NOT NULL,
    chain_sequence    bigint NOT NULL,
    chain_hash        bytea NOT NULL,
    loaded_time       timestamptz NOT NULL DEFAULT now(),
    event_time        timestamptz NOT NULL,
    event_date        date NOT NULL GENERATED ALWAYS AS ((event_time AT TIME ZONE 'UTC')::date) STORED,
    event_id          uuid NOT NULL,
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
    audit_level       text NOT NULL,
    service_name      text,
    action_name       text,
    database_name     text,
    request_params    jsonb NOT NULL,
    status_code       int NOT NULL,
    error_message     text,
    result            text
) PARTITION BY RANGE (event_time);

CREATE INDEX audit_by_time ON journal.audit (event_time);
CREATE INDEX audit_by_chain ON journal.audit (journal_id, chain_sequence);

-- Stands on the table and on every partition, ENABLE ALWAYS, so that neither a superuser's statement nor
-- session_replication_role gets by unnoticed. Whoever disables it can change rows; the chain then shows it.
CREATE FUNCTION journal.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Old rows go by the setting for the retention of the audit, and that is recorded in the audit.';
END
$$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.audit
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change();
ALTER TABLE journal.audit ENABLE ALWAYS TRIGGER refuse_change;

CREATE TYPE query.compute AS (type text, cluster_id text, warehouse_id text, endpoint_id text);

-- One row per executed statement. First Databricks' columns in Databricks' order; those that PostgreSQL has nothing for are
-- NULL, so that a query written for Databricks runs. Then ours.
CREATE VIEW query.history AS
SELECT
    NULL::text AS account_id,
    NULL::text AS workspace_id,
    s.statement_id,
    s.principal AS executed_by,
    s.session_id,
    CASE
        WHEN s.error_sqlstate IS NULL THEN 'FINISHED'
        WHEN s.error_sqlstate = '57014' THEN 'CANCELED'
        ELSE 'FAILED'
    END AS execution_status,
    ROW('ENDPOINT', NULL, NULL, s.endpoint_id)::query.compute AS compute,
    s.principal AS executed_by_user_id,
    s.statement_text,
    s.statement_type,
    s.error_message,
    s.client AS client_application,
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
    s.role_name AS executed_as_user_id,
    s.role_name AS executed_as,
    CASE WHEN s.command_tag ~ '^(INSERT|UPDATE|DELETE|MERGE) ' THEN s.row_count END AS written_rows,
    NULL::bigint AS written_files,
    NULL::text AS cache_origin_statement_id,
    NULL::jsonb AS query_parameters,
    jsonb_strip_nulls(jsonb_build_object(
        'agent', s.agent, 'application', s.application, 'tool', s.tool, 'request_id', s.request_id)) AS query_tags,
    NULL::bigint AS pruned_files_bytes,
    NULL::bigint AS read_files_bytes,
    s.project_id,
    s.project_name,
    s.branch_id,
    s.branch_name,
    s.endpoint_id,
    s.endpoint_name,
    s.principal,
    s.agent,
    s.application,
    s.tool,
    s.request_id,
    s.source_ip_address,
    s.database_name,
    s.role_name,
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
    s.claims
FROM journal.statement s;

CREATE TYPE access.user_identity AS (email text, subject_name text);
CREATE TYPE access.response AS (status_code int, error_message text, result text);
CREATE TYPE access.identity_metadata AS (run_by text, run_as text);

-- One row per action. Databricks' columns, then ours.
CREATE VIEW access.audit AS
SELECT
    NULL::text AS account_id,
    NULL::text AS workspace_id,
    '1.0' AS version,
    a.event_time,
    a.event_date,
    a.source_ip_address,
    a.client AS user_agent,
    a.session_id,
    ROW(a.principal, a.principal)::access.user_identity AS user_identity,
    a.service_name,
    a.action_name,
    a.request_id,
    a.request_params,
    ROW(a.status_code, a.error_message, a.result)::access.response AS response,
    a.audit_level,
    a.event_id,
    ROW(coalesce(a.agent, a.principal), a.principal)::access.identity_metadata AS identity_metadata,
    a.project_id,
    a.project_name,
    a.branch_id,
    a.branch_name,
    a.endpoint_id,
    a.endpoint_name,
    a.principal,
    a.agent,
    a.application,
    a.tool,
    a.database_name,
    a.journal_id,
    a.chain_sequence,
    a.chain_hash
FROM journal.audit a;
