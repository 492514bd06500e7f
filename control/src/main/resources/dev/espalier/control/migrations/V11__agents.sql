-- The agents that act for others, as policies and grants know them.

-- A name that the group of all agents needs.
UPDATE control.principal SET name = 'agents-' || left(uid, 8) WHERE name = 'agents' AND kind <> 'GROUP';
INSERT INTO control.principal (uid, kind, name)
SELECT gen_random_uuid()::text, 'GROUP', 'agents'
WHERE NOT EXISTS (SELECT FROM control.principal WHERE name = 'agents');

-- For whom an agent has signed in to a project: a service principal, or the group of all agents for one that is none.
CREATE TABLE control.delegation (
    project_uid  text NOT NULL REFERENCES control.project ON DELETE CASCADE,
    principal_id bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE,
    agent_id     bigint NOT NULL REFERENCES control.principal (id) ON DELETE CASCADE,
    PRIMARY KEY (project_uid, principal_id, agent_id)
);

CREATE INDEX delegation_by_principal ON control.delegation (principal_id);
CREATE INDEX delegation_by_agent ON control.delegation (agent_id);
