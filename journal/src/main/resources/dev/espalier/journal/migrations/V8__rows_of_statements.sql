-- Which rows were produced and which written is not in the command tag alone: a part of a result has none, CREATE TABLE AS and SELECT
-- INTO complete as SELECT does, and COPY is the same in both directions. What nothing tells for certain stays NULL.

CREATE OR REPLACE VIEW journal.history AS
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
    CASE
        WHEN s.command_tag ~ '^(SELECT|FETCH) ' AND s.statement_type IS DISTINCT FROM 'CREATE' THEN s.row_count
        -- Without a tag those are counted that were sent: a part, or what came before an error.
        WHEN s.command_tag IS NULL AND s.statement_type IN ('SELECT', 'FETCH', 'EXECUTE') THEN s.row_count
        WHEN s.statement_type = 'COPY'
            AND s.statement_text ~* '^\s*copy(\s*\(|(\s+binary)?\s+("[^"]*"|[^\s"(/-])+\s*(\([^)]*\)\s*)?\mto\M)'
            THEN s.row_count
    END AS produced_rows,
    NULL::bigint AS read_bytes,
    NULL::int AS read_io_cache_percent,
    false AS from_result_cache,
    NULL::bigint AS spilled_local_bytes,
    NULL::bigint AS written_bytes,
    NULL::bigint AS shuffle_read_bytes,
    NULL::jsonb AS query_source,
    o.role_name AS executed_as_user_id,
    o.role_name AS executed_as,
    CASE
        WHEN s.command_tag ~ '^(INSERT|UPDATE|DELETE|MERGE) ' THEN s.row_count
        WHEN s.command_tag ~ '^SELECT ' AND s.statement_type = 'CREATE' THEN s.row_count
        WHEN s.command_tag ~ '^COPY '
            AND s.statement_text ~* '^\s*copy(\s+binary)?\s+("[^"]*"|[^\s"(/-])+\s*(\([^)]*\)\s*)?\mfrom\M'
            THEN s.row_count
    END AS written_rows,
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
