SELECT r.rolname
FROM pg_roles r
