-- What exists: projects, their branches, endpoints and snapshots, and what has been asked for.

CREATE SCHEMA control;

-- The one data directory whose volumes the rows name.
CREATE TABLE control.installation (
    data_identity text PRIMARY KEY
);

CREATE TABLE control.service_principal (
    client_id     text PRIMARY KEY,
    display_name  text NOT NULL UNIQUE,
    secret_hash   text  NOT NULL,
    administrator boolean NOT NULL,
    create_time   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE control.project (
    uid                    text PRIMARY KEY,
    project_id             text NOT NULL,
    display_name           text NOT NULL,
    pg_version             int NOT NULL,
    history_retention      bigint NOT NULL,
    default_branch_uid     text,
    default_min_cu         double precision NOT NULL,
    default_max_cu         double precision NOT NULL,
    default_suspend_after  bigint,
    default_pg_settings    text NOT NULL,
    native_login           boolean NOT NULL,
    budget_policy_id       text,
    custom_tags            text NOT NULL,
    owner                  text NOT NULL,
    create_time            timestamptz NOT NULL,
    update_time            timestamptz NOT NULL,
    delete_time            timestamptz,
    purge_time             timestamptz
);

CREATE UNIQUE INDEX project_live_id ON control.project (project_id) WHERE delete_time IS NULL;

CREATE TABLE control.branch (
    uid               text PRIMARY KEY,
    project_uid       text NOT NULL REFERENCES control.project ON DELETE CASCADE,
    branch_id         text NOT NULL,
    source_uid        text REFERENCES control.branch ON DELETE SET NULL,
    source_lsn        text,
    source_time       timestamptz,
    state             text NOT NULL,
    pending_state     text,
    state_change_time timestamptz NOT NULL,
    is_protected      boolean NOT NULL,
    expire_time       timestamptz,
    volume            text NOT NULL,
    -- The data still hold subscriptions and jobs that are another branch's now.
    detach_at_next_start boolean NOT NULL DEFAULT false,
    logical_bytes     bigint,
    create_time       timestamptz NOT NULL,
    update_time       timestamptz NOT NULL,
    delete_time       timestamptz,
    purge_time        timestamptz
);

CREATE UNIQUE INDEX branch_live_id ON control.branch (project_uid, branch_id) WHERE delete_time IS NULL;
CREATE INDEX branch_by_project ON control.branch (project_uid, create_time, uid);
CREATE INDEX branch_by_source ON control.branch (source_uid) WHERE delete_time IS NULL;
CREATE INDEX branch_by_expiry ON control.branch (expire_time) WHERE expire_time IS NOT NULL AND delete_time IS NULL;
CREATE INDEX branch_by_purge ON control.branch (purge_time) WHERE purge_time IS NOT NULL;

CREATE TABLE control.endpoint (
    uid              text PRIMARY KEY,
    branch_uid       text NOT NULL REFERENCES control.branch ON DELETE CASCADE,
    endpoint_id      text NOT NULL,
    type             text NOT NULL,
    min_cu           double precision NOT NULL,
    max_cu           double precision NOT NULL,
    suspend_after    bigint,
    disabled         boolean NOT NULL,
    pg_settings      text NOT NULL,
    activity_policy  text NOT NULL,
    replica_volume   text,
    last_active_time timestamptz,
    create_time      timestamptz NOT NULL,
    update_time      timestamptz NOT NULL,
    UNIQUE (branch_uid, endpoint_id)
);

-- A snapshot belongs to the volume it was taken of, and moves with it from branch to branch.
CREATE TABLE control.snapshot (
    volume      text PRIMARY KEY,
    of_volume   text NOT NULL,
    taken       timestamptz NOT NULL,
    lsn         text NOT NULL,
    replay_from text NOT NULL
);

CREATE INDEX snapshot_by_volume ON control.snapshot (of_volume, taken);

CREATE TABLE control.operation (
    uid           text PRIMARY KEY,
    kind          text NOT NULL,
    resource_uid  text NOT NULL,
    resource_name text NOT NULL,
    principal     text NOT NULL,
    done          boolean NOT NULL,
    error_code    text,
    error_message text,
    create_time   timestamptz NOT NULL,
    finish_time   timestamptz
);

CREATE INDEX operation_running ON control.operation (create_time) WHERE NOT done;
CREATE INDEX operation_finished ON control.operation (finish_time) WHERE done;

CREATE TABLE control.call (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id     text NOT NULL,
    called         timestamptz NOT NULL,
    principal      text,
    source_address text NOT NULL,
    user_agent     text,
    method         text NOT NULL,
    path           text NOT NULL,
    status_code    int NOT NULL,
    error_code     text,
    duration_us    bigint NOT NULL
);

CREATE INDEX call_by_time ON control.call (called);
