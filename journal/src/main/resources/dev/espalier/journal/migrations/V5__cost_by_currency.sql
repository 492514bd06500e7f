-- Costs of different currencies are not added up, and what is free is shown, too.

CREATE OR REPLACE VIEW billing.cost_by_tool AS
WITH used AS NOT MATERIALIZED (
    SELECT
        u.usage_date,
        date_trunc('hour', u.usage_start_time, 'UTC') AS usage_hour,
        u.project_id,
        u.project_name,
        u.branch_id,
        u.branch_name,
        u.endpoint_id,
        u.endpoint_name,
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
),
spent AS (
    SELECT usage_date, usage_hour, endpoint_id, currency_code, sum(cost) AS cost
    FROM used
    WHERE currency_code IS NOT NULL
    GROUP BY usage_date, usage_hour, endpoint_id, currency_code
),
part AS (
    SELECT
        usage_date,
        usage_hour,
        project_id,
        project_name,
        branch_id,
        branch_name,
        endpoint_id,
        endpoint_name,
        NULL AS principal,
        NULL AS agent,
        NULL AS application,
        'postgresql' AS tool,
        0 AS statements,
        cpu_seconds
    FROM used
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
        share.cpu_seconds
    FROM journal.statement s
    LEFT JOIN journal.origin o
        ON o.start_date = s.start_date AND o.journal_id = s.journal_id AND o.origin = s.origin
    CROSS JOIN LATERAL (VALUES
        (o.principal, o.agent, o.application, o.tool, 1, s.cpu_time_ns / 1e9),
        (NULL, NULL, NULL, 'postgresql', 0, -s.cpu_time_ns / 1e9)
    ) AS share (principal, agent, application, tool, statements, cpu_seconds)
    -- Espalier's own database is nobody's endpoint, and nothing is metered of it.
    WHERE o.endpoint_id <> 'system'
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
        greatest(sum(cpu_seconds), 0) AS cpu_seconds
    FROM part
    GROUP BY usage_date, usage_hour, endpoint_id, principal, agent, application, tool
),
whole AS (
    SELECT
        summed.*,
        sum(cpu_seconds) OVER (PARTITION BY usage_date, usage_hour, endpoint_id) AS cpu_of_all
    FROM summed
),
-- A second currency within the hour is a row of its own, in which nothing but the cost counts once more.
priced AS (
    SELECT
        whole.*,
        spent.currency_code,
        coalesce(spent.cost, 0) AS cost_of_all,
        row_number() OVER (
            PARTITION BY usage_date, usage_hour, endpoint_id, principal, agent, application, tool
            ORDER BY spent.currency_code) AS nth
    FROM whole
    LEFT JOIN spent USING (usage_date, usage_hour, endpoint_id)
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
    CASE nth WHEN 1 THEN statements ELSE 0 END AS statements,
    CASE nth WHEN 1 THEN cpu_seconds ELSE 0 END AS cpu_seconds,
    currency_code,
    CASE
        WHEN cpu_of_all > 0 THEN cost_of_all * cpu_seconds / cpu_of_all
        WHEN tool = 'postgresql' AND principal IS NULL THEN cost_of_all
        ELSE 0
    END AS cost
FROM priced;
