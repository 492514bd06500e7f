-- The reaper asks each second, of every branch that is due, whether its deletion is under way or has just failed.
CREATE INDEX operation_by_resource ON control.operation (resource_uid, kind);
