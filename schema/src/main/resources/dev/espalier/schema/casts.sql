-- Explicit casts ('e') count too: they change a column's type, but only on demand.
SELECT format_type(c.castsource, NULL), format_type(c.casttarget, NULL), c.castcontext <> 'e' AS on_assignment
FROM pg_cast c
