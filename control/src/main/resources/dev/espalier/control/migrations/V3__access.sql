-- Who may use a project besides the administrators, and how.
CREATE TABLE control.project_access (
    project_uid text NOT NULL REFERENCES control.project ON DELETE CASCADE,
    principal   text NOT NULL REFERENCES control.service_principal (display_name) ON DELETE CASCADE,
    permission  text NOT NULL CHECK (permission IN ('CAN_USE', 'CAN_MANAGE')),
    PRIMARY KEY (project_uid, principal)
);

CREATE INDEX project_access_by_principal ON control.project_access (principal);

-- Databases that sessions have been opened on: by their names a project is found that is not named.
CREATE TABLE control.known_database (
    project_uid text NOT NULL REFERENCES control.project ON DELETE CASCADE,
    name        text NOT NULL,
    PRIMARY KEY (project_uid, name)
);
