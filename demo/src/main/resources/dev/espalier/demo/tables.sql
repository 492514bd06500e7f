-- The tables of a Backstage catalog (catalog-backend 4.0), column for column. Indexes and constraints come
-- after the rows: indexes.sql, constraints.sql.

CREATE TABLE public.refresh_state (
    entity_id          varchar(255) NOT NULL,
    entity_ref         varchar(255) NOT NULL,
    unprocessed_entity text NOT NULL,
    processed_entity   text,
    cache              text,
    errors             text NOT NULL,
    next_update_at     timestamptz NOT NULL,
    last_discovery_at  timestamptz NOT NULL,
    location_key       text,
    result_hash        text,
    unprocessed_hash   text
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

CREATE TABLE public.refresh_state_references (
    id                bigserial NOT NULL,
    source_key        text,
    source_entity_ref text,
    target_entity_ref text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

CREATE TABLE public.refresh_keys (
    entity_id varchar(255) NOT NULL,
    key       varchar(255) NOT NULL
);

CREATE TABLE public.final_entities (
    entity_id       varchar(255) NOT NULL,
    hash            varchar(255) NOT NULL,
    final_entity    text,
    last_updated_at timestamptz,
    entity_ref      varchar(255) NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

CREATE TABLE public.relations (
    originating_entity_id varchar(255) NOT NULL,
    source_entity_ref     varchar(255) NOT NULL,
    type                  varchar(255) NOT NULL,
    target_entity_ref     varchar(255) NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

CREATE TABLE public.search (
    entity_id      varchar(255),
    key            varchar(255) NOT NULL,
    value          varchar(255),
    original_value varchar(255)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

CREATE TABLE public.locations (
    id                  uuid NOT NULL,
    type                varchar(255) NOT NULL,
    target              text NOT NULL,
    location_entity_ref varchar(255) NOT NULL
);

CREATE TABLE public.location_update_log (
    id          bigserial NOT NULL,
    status      text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    message     text,
    location_id uuid,
    entity_name text
);

CREATE TABLE public.stitch_queue (
    entity_ref     varchar(255) NOT NULL,
    stitch_ticket  varchar(255) NOT NULL,
    next_stitch_at timestamptz NOT NULL
);

CREATE VIEW public.location_update_log_latest AS
SELECT l.id, l.status, l.created_at, l.message, l.location_id, l.entity_name
FROM public.location_update_log l
JOIN (
    SELECT location_id, max(id) AS id
    FROM public.location_update_log
    GROUP BY location_id
) latest ON latest.location_id = l.location_id AND latest.id = l.id
ORDER BY l.created_at DESC;

COMMENT ON TABLE public.refresh_state IS 'Location refresh states';
COMMENT ON COLUMN public.refresh_state.unprocessed_entity IS 'The unprocessed entity (in original form) as JSON';
COMMENT ON COLUMN public.refresh_state.processed_entity IS 'The processed entity (not yet stitched) as JSON';
COMMENT ON TABLE public.refresh_state_references IS 'Edges between refresh state rows';
COMMENT ON TABLE public.refresh_keys IS 'Keys that trigger a refresh of an entity';
COMMENT ON TABLE public.final_entities IS 'Final entities after processing and stitching';
COMMENT ON COLUMN public.final_entities.final_entity IS 'The JSON encoded final entity';
COMMENT ON TABLE public.relations IS 'All relations between entities';
COMMENT ON TABLE public.search IS 'Flattened key-values from the entities, for filtering';
COMMENT ON TABLE public.locations IS 'Registered locations, scanned for catalog updates';
