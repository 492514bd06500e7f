-- Ports of the gateway that lead to one branch only, for clients that cannot name it. Opened again at every start.
CREATE TABLE control.branch_port (
    port        int PRIMARY KEY CHECK (port BETWEEN 1 AND 65535),
    branch_uid  text NOT NULL REFERENCES control.branch ON DELETE CASCADE,
    create_time timestamptz NOT NULL
);

CREATE INDEX branch_port_by_branch ON control.branch_port (branch_uid);
