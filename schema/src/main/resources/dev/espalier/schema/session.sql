-- Everything that the catalogs print is spelled the same whatever the caller's session says:
-- names qualified, constants in one format.
SELECT
    set_config('search_path', '', true),
    set_config('timezone', 'UTC', true),
    set_config('datestyle', 'ISO, YMD', true),
    set_config('intervalstyle', 'postgres', true),
    set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true),
    set_config('jit', 'off', true),
    set_config('quote_all_identifiers', 'off', true)
