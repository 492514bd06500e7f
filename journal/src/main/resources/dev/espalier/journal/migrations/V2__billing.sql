-- What is metered, what it is priced at, and what that comes to.

CREATE SCHEMA billing;

-- The things that are sold. Quantities are kept in base units, which divide nothing, so that they add up exactly.
CREATE TABLE journal.sku (
    sku              text PRIMARY KEY,
    sku_name         text NOT NULL UNIQUE,
    usage_type       text NOT NULL,
    usage_unit       text NOT NULL,
    base_unit        text NOT NULL,
    base_per_unit    numeric NOT NULL,
    compute_type     text,
    storage_type     text
);

-- The names match the patterns that queries written for Databricks look for. A month has 30 days, a GB 10^9 bytes.
INSERT INTO journal.sku VALUES
    ('COMPUTE', 'ESPALIER_DATABASE_SERVERLESS_COMPUTE_CU', 'COMPUTE_TIME', 'CU_HOUR', 'CU_SECOND', 3600,
     'COMPUTE_NODE', NULL),
    ('CPU', 'ESPALIER_DATABASE_CPU_TIME', 'CPU_TIME', 'CPU_HOUR', 'CPU_SECOND', 3600, 'CPU', NULL),
    ('DATA', 'ESPALIER_DATABRICKS_STORAGE_DATA', 'STORAGE_SPACE', 'GB_MONTH', 'BYTE_SECOND', 2592000000000000, NULL,
     'BRANCH_DATA_STORAGE'),
    ('HISTORY', 'ESPALIER_DATABRICKS_STORAGE_HISTORY', 'STORAGE_SPACE', 'GB_MONTH', 'BYTE_SECOND', 2592000000000000, NULL,
     'BRANCH_HISTORY_STORAGE');

CREATE TABLE journal.usage (
    journal_id        uuid NOT NULL,
    journal_sequence  bigint NOT NULL,
    loaded_time       timestamptz NOT NULL DEFAULT now(),
    record_id         uuid NOT NULL,
    record_type       text NOT NULL,
    corrects          uuid,
    sku               text NOT NULL REFERENCES journal.sku,
    usage_start_time  timestamptz NOT NULL,
    usage_end_time    timestamptz NOT NULL,
    usage_date        date NOT NULL GENERATED ALWAYS AS ((usage_start_time AT TIME ZONE 'UTC')::date) STORED,
    quantity          numeric NOT NULL,
    project_id        text,
    project_name      text,
    branch_id         text,
    branch_name       text,
    endpoint_id       text,
    endpoint_name     text,
    owned_by          text,
    created_by        text,
    custom_tags       jsonb NOT NULL,
    -- A record that is written again after a failure counts once.
    UNIQUE (record_id, usage_start_time)
) PARTITION BY RANGE (usage_start_time);

CREATE INDEX usage_by_time ON journal.usage USING brin (usage_start_time);

-- One row for each price that held, from its start to the start of the next.
CREATE TABLE journal.price (
    sku              text NOT NULL REFERENCES journal.sku,
    price_start_time timestamptz NOT NULL,
    price_end_time   timestamptz CHECK (price_end_time > price_start_time),
    currency_code    text NOT NULL,
    price            numeric NOT NULL CHECK (price >= 0),
    PRIMARY KEY (sku, price_start_time)
);

CREATE UNIQUE INDEX price_current ON journal.price (sku) WHERE price_end_time IS NULL;

-- To begin with: whoever runs Espalier knows what it costs him. CPU time is within what compute time is priced at.
INSERT INTO journal.price (sku, price_start_time, currency_code, price) VALUES
    ('COMPUTE', '2020-01-01 00:00:00+00', 'USD', 0.111),
    ('CPU', '2020-01-01 00:00:00+00', 'USD', 0),
    ('DATA', '2020-01-01 00:00:00+00', 'USD', 0.023),
    ('HISTORY', '2020-01-01 00:00:00+00', 'USD', 0.023);

CREATE TYPE billing.usage_metadata AS (
    project_id text, branch_id text, endpoint_id text, project_name text, branch_name text, endpoint_name text);
CREATE TYPE billing.identity_metadata AS (run_as text, owned_by text, created_by text);
CREATE TYPE billing.lakebase_features AS (compute_type text, storage_type text);
CREATE TYPE billing.product_features AS (lakebase billing.lakebase_features);

-- One row for each thing that was used, in each minute. Databricks' columns, then ours.
CREATE VIEW billing.usage AS
SELECT
    u.record_id,
    NULL::text AS account_id,
    NULL::text AS workspace_id,
    k.sku_name,
    'SELF_HOSTED' AS cloud,
    u.usage_start_time,
    u.usage_end_time,
    u.usage_date,
    u.custom_tags,
    k.usage_unit,
    (u.quantity / k.base_per_unit)::numeric(38, 18) AS usage_quantity,
    ROW(u.project_id, u.branch_id, u.endpoint_id, u.project_name, u.branch_name, u.endpoint_name)::billing.usage_metadata
        AS usage_metadata,
    ROW(NULL, u.owned_by, u.created_by)::billing.identity_metadata AS identity_metadata,
    u.record_type,
    (u.loaded_time AT TIME ZONE 'UTC')::date AS ingestion_date,
    'LAKEBASE' AS billing_origin_product,
    ROW(ROW(k.compute_type, k.storage_type)::billing.lakebase_features)::billing.product_features AS product_features,
    k.usage_type,
    u.project_id,
    u.project_name,
    u.branch_id,
    u.branch_name,
    u.endpoint_id,
    u.endpoint_name,
    k.base_unit,
    u.quantity AS base_quantity,
    u.corrects,
    u.loaded_time
FROM journal.usage u
JOIN journal.sku k USING (sku);

CREATE TYPE billing.one_price AS ("default" numeric);
CREATE TYPE billing.pricing AS ("default" numeric, promotional billing.one_price, effective_list billing.one_price);

CREATE VIEW billing.list_prices AS
SELECT
    p.price_start_time,
    p.price_end_time,
    NULL::text AS account_id,
    k.sku_name,
    'SELF_HOSTED' AS cloud,
    p.currency_code,
    k.usage_unit,
    ROW(p.price, ROW(p.price)::billing.one_price, ROW(p.price)::billing.one_price)::billing.pricing AS pricing
FROM journal.price p
JOIN journal.sku k USING (sku);

-- Each quantity at the price that held when its minute began. Multiplied exactly, divided once.
CREATE VIEW billing.cost AS
SELECT
    u.usage_date,
    u.project_id,
    u.project_name,
    u.branch_id,
    u.branch_name,
    u.endpoint_id,
    u.endpoint_name,
    k.sku_name,
    k.usage_type,
    k.usage_unit,
    sum(u.quantity) / k.base_per_unit AS usage_quantity,
    p.price AS unit_price,
    p.currency_code,
    sum(u.quantity) * p.price / k.base_per_unit AS cost,
    k.base_unit,
    sum(u.quantity) AS base_quantity
FROM journal.usage u
JOIN journal.sku k USING (sku)
LEFT JOIN journal.price p
    ON p.sku = u.sku
    AND u.usage_start_time >= p.price_start_time
    AND (p.price_end_time IS NULL OR u.usage_start_time < p.price_end_time)
GROUP BY
    u.usage_date, u.project_id, u.project_name, u.branch_id, u.branch_name, u.endpoint_id, u.endpoint_name,
    k.sku_name, k.usage_type, k.usage_unit, k.base_unit, k.base_per_unit, p.price_start_time, p.price, p.currency_code;

-- The compute of each endpoint and hour, shared out by the CPU of the statements that began in it. What no statement
-- explains has the tool 'postgresql'. Every row counts twice below: for who used CPU, and against 'postgresql'.
CREATE VIEW billing.cost_by_tool AS
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
        s.project_id,
        s.project_name,
        s.branch_id,
        s.branch_name,
        s.endpoint_id,
        s.endpoint_name,
        share.principal,
        share.agent,
        share.application,
        share.tool,
        share.statements,
        share.cpu_seconds,
        0,
        NULL
    FROM journal.statement s
    CROSS JOIN LATERAL (VALUES
        (s.principal, s.agent, s.application, s.tool, 1, s.cpu_time_ns / 1e9),
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
