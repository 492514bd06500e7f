-- Users and groups beside the service principals, in one table, because they share one space of names: whom a right is given
-- to, and who a role on a branch is.

-- A name that the group of the administrators needs.
ALTER TABLE control.project_access
    DROP CONSTRAINT project_access_principal_fkey,
    ADD CONSTRAINT project_access_principal_fkey
        FOREIGN KEY (principal) REFERENCES control.service_principal (display_name) ON UPDATE CASCADE ON DELETE CASCADE;
UPDATE control.service_principal SET display_name = 'admins-' || left(client_id, 8) WHERE display_name = 'admins';

ALTER TABLE control.service_principal RENAME TO principal;
ALTER TABLE control.principal RENAME COLUMN client_id TO uid;
ALTER TABLE control.principal RENAME COLUMN display_name TO name;
ALTER TABLE control.principal
    ADD COLUMN id          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN kind        text NOT NULL DEFAULT 'SERVICE_PRINCIPAL' CHECK (kind IN ('USER', 'SERVICE_PRINCIPAL', 'GROUP')),
    ADD COLUMN full_name   text,
    ADD COLUMN external_id text,
    ADD COLUMN active      boolean NOT NULL DEFAULT true;
ALTER TABLE control.principal ALTER COLUMN kind DROP DEFAULT;

CREATE UNIQUE INDEX principal_by_external_id ON control.principal (external_id) WHERE kind <> 'GROUP';

-- What is kept of a service principal's client secrets.
CREATE TABLE control.client_secret (
    uid          text PRIMARY KEY,
    principal_id bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE,
    kept         text NOT NULL,
    create_time  timestamptz NOT NULL DEFAULT now(),
    expire_time  timestamptz
);

CREATE INDEX client_secret_by_principal ON control.client_secret (principal_id);

INSERT INTO control.client_secret (uid, principal_id, kept, create_time)
SELECT gen_random_uuid()::text, id, secret_hash, create_time FROM control.principal;

CREATE TABLE control.membership (
    member_id bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE,
    group_id  bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE,
    PRIMARY KEY (member_id, group_id)
);

CREATE INDEX membership_by_group ON control.membership (group_id);

-- Who may do everything is who is in the group admins.
ALTER TABLE control.principal ALTER COLUMN secret_hash DROP NOT NULL, ALTER COLUMN administrator DROP NOT NULL;
INSERT INTO control.principal (uid, kind, name) VALUES (gen_random_uuid()::text, 'GROUP', 'admins');
INSERT INTO control.membership (member_id, group_id)
SELECT p.id, g.id FROM control.principal p, control.principal g WHERE p.administrator AND g.kind = 'GROUP';
ALTER TABLE control.principal DROP COLUMN secret_hash, DROP COLUMN administrator;
