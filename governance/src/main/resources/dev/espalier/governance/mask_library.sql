-- Espalier's mask functions. Each is total (never raises and never says what it was given), bound when it is made (BEGIN
-- ATOMIC, or a search_path of its own: a caller's functions cannot take the place of those called here), and shows no
-- short value whole. They run with the rights of whoever reads, who may not use this schema: one that calls another is BEGIN
-- ATOMIC, since PL/pgSQL would look the name up. Texts with a backslash keep what it means.
CREATE SCHEMA espalier_mask;

CREATE FUNCTION espalier_mask.redact(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN value IS NOT NULL THEN '***' END;
END;

-- LIKE costs a fifth of what a regular expression does, and this is done for every row of a scan. What comes behind the @ is shown if it can be a
-- domain: of letters (the common ones first: they are looked for in this order), digits, points and hyphens, with a letter as the last. As bytes,
-- where what is no letter but may stand in a domain comes before them, that is asked at a tenth of what it takes of characters.
CREATE FUNCTION espalier_mask.email(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        -- It would be read as an escape, or as a mistake in one.
        WHEN value LIKE '%\\%' THEN '***'
        WHEN value LIKE '__%@_%' AND value NOT LIKE '%@%@%' AND substr(decode(value, 'escape'), octet_length(value)) >= 'A'::bytea
            AND rtrim(decode(value, 'escape'), 'eo.aminrtlscdupghbkfyvwxzjq-0123456789EOAMINRTLSCDUPGHBKFYVWXZJQ'::bytea) LIKE '%@'::bytea
            THEN left(value, 1) || '***@' || split_part(value, '@', 2)
        WHEN value IS NOT NULL THEN '***'
    END;
END;

CREATE FUNCTION espalier_mask.email_full(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN value IS NOT NULL THEN '***@masked.invalid' END;
END;

-- Keeps the last two characters, of seven or more: LIKE counts them at half of what length() takes.
CREATE FUNCTION espalier_mask.phone(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN value LIKE '_______%' THEN '***' || right(value, 2)
        WHEN value IS NOT NULL THEN '***'
    END;
END;

-- The first letter of each word, and none of a word that is one letter; these are looked for only where there can be some.
CREATE FUNCTION espalier_mask.name(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN value LIKE '_' OR value LIKE '_ %' OR value LIKE '% _' OR value LIKE '% _ %' OR value ~ '[^[:alnum:] .''-]'
            THEN regexp_replace(regexp_replace(value, '(\S)\S+', '\1.', 'g'), '(^|\s)\S(?=\s|$)', '\1*.', 'g')
        ELSE regexp_replace(value, '(\S)\S*', '\1.', 'g')
    END;
END;

CREATE FUNCTION espalier_mask.partial(value text, head integer, pad text, tail integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN value IS NULL THEN NULL
        WHEN head < 0 OR tail < 0 OR length(value) <= 2 * (head::bigint + tail) THEN pad
        ELSE left(value, head) || pad || right(value, tail)
    END;
END;

-- Nothing before or after the years that timestamps have in every time zone.
CREATE FUNCTION espalier_mask.year(value date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN value BETWEEN '4713-01-01 BC'::date AND '294276-12-31'::date THEN value - (extract(doy FROM value)::integer - 1) END;
END;

CREATE FUNCTION espalier_mask.month(value date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN value BETWEEN '4713-01-01 BC'::date AND '294276-12-31'::date THEN value - (extract(day FROM value)::integer - 1) END;
END;

-- Towards zero: what is shown always fits where the value does.
CREATE FUNCTION espalier_mask.bucket(value numeric, width numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN value IN ('NaN'::numeric, 'Infinity'::numeric, '-Infinity'::numeric) THEN NULL
        WHEN width IN ('NaN'::numeric, 'Infinity'::numeric) OR NOT width > 0 THEN NULL
        ELSE value - mod(value, width)
    END;
END;

-- The largest numbers of a column in floating point are rounded up on their way to numeric.
CREATE FUNCTION espalier_mask.as_float(value numeric) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN value > 1.7976931348623157e308 THEN 1.7976931348623157e308
        WHEN value < -1.7976931348623157e308 THEN -1.7976931348623157e308
        ELSE value
    END::double precision;
END;

-- The network: 24 bits of IPv4, 48 of IPv6.
CREATE FUNCTION espalier_mask.ip(value inet) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT network(set_masklen(value, CASE family(value) WHEN 4 THEN least(masklen(value), 24) ELSE least(masklen(value), 48) END))::inet;
END;

-- HMAC-SHA256; the two pads of the key are passed in, so that they are read once for a statement.
CREATE FUNCTION espalier_mask.keyed(inner_pad bytea, outer_pad bytea, domain text, value text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(outer_pad || sha256(inner_pad || convert_to(domain, 'UTF8') || '\x00'::bytea || convert_to(value, 'UTF8')));
END;

CREATE FUNCTION espalier_mask.hash(inner_pad bytea, outer_pad bytea, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT encode(espalier_mask.keyed(inner_pad, outer_pad, 'hash', value), 'hex');
END;

-- Short, and the same for the same value everywhere.
CREATE FUNCTION espalier_mask.token(inner_pad bytea, outer_pad bytea, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 't' || left(encode(espalier_mask.keyed(inner_pad, outer_pad, 'token', value), 'hex'), 20);
END;

CREATE FUNCTION espalier_mask.email_token(inner_pad bytea, outer_pad bytea, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'u' || left(encode(espalier_mask.keyed(inner_pad, outer_pad, 'email', lower(value)), 'hex'), 20) || '@masked.invalid';
END;

-- By up to so many days, the same for all dates of one subject: what lies between them stays.
CREATE FUNCTION espalier_mask.date_shift(inner_pad bytea, outer_pad bytea, value date, subject text, days integer) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN subject IS NOT NULL AND days BETWEEN 1 AND 36500 AND value BETWEEN '0200-01-01'::date AND '9000-01-01'::date THEN
            value + (('x' || left(encode(espalier_mask.keyed(inner_pad, outer_pad, 'date', subject), 'hex'), 7))::bit(28)::integer
                     % (2 * days + 1) - days)
    END;
END;

-- Digits become other digits, one to one among texts with as many of them; ten rounds of a Feistel network. Letters become
-- stars. Variables have the collation of who calls, which regular expressions may not take: so they say theirs.
CREATE FUNCTION espalier_mask.digits(inner_pad bytea, outer_pad bytea, value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    given text COLLATE "C" := value;
    all_digits text COLLATE "C" := regexp_replace(given, '[^0-9]', '', 'g');
    count integer := length(all_digits);
    half integer := count / 2;
    a text COLLATE "C" := left(all_digits, half);
    b text COLLATE "C" := right(all_digits, count - half);
    swapped text COLLATE "C";
    shown text COLLATE "C" := '';
    used integer := 0;
    each text COLLATE "C";
BEGIN
    IF given IS NULL THEN
        RETURN NULL;
    END IF;
    IF count < 6 OR count > 200 THEN
        RETURN regexp_replace(regexp_replace(given, '[0-9]', '0', 'g'), '[^0-9 +()/.-]', '*', 'g');
    END IF;
    FOR round IN 0..9 LOOP
        swapped := lpad(mod(
            a::numeric + ('x' || left(encode(sha256(outer_pad || sha256(inner_pad
                || convert_to('digits/' || count || '/' || round, 'UTF8') || '\x00'::bytea || convert_to(b, 'UTF8'))), 'hex'), 15))::bit(60)::bigint,
            ('1' || repeat('0', length(a)))::numeric)::text, length(a), '0');
        a := b;
        b := swapped;
    END LOOP;
    all_digits := a || b;
    FOR i IN 1..length(given) LOOP
        each := substr(given, i, 1);
        IF each ~ '^[0-9]$' THEN
            used := used + 1;
            shown := shown || substr(all_digits, used, 1);
        ELSE
            shown := shown || CASE WHEN each ~ '^[ +()/.-]$' THEN each ELSE '*' END;
        END IF;
    END LOOP;
    RETURN shown;
END $$;

-- E-mail addresses and long numbers, wherever in a text of whatever syntax; also with the @ as %40, \u0040, &#64; or full width, with blanks around it where
-- a domain with a point follows, and with the dashes, blanks and digits of Unicode. Where nothing of the kind is in it, a simple expression is enough,
-- which takes a tenth of the time.
CREATE FUNCTION espalier_mask.redact_patterns(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT regexp_replace(
        CASE
            WHEN value ~ '["()[:space:]][@\uFF20\uFE6B]|[@\uFF20\uFE6B][[:space:]]|%40|u0040|&' THEN regexp_replace(value,
                '(?:"[^"]*"|[^[:space:]<>"'',;:()]+(?:\([^()]*\))*|\([^()]*\))'
                    || '(?:(?:[@\uFF20\uFE6B]|%40|\\+u0040|&#0*64;|&#[xX]0*40;|&commat;)[[:alnum:]._-]+'
                    || '|[[:space:]]*[@\uFF20\uFE6B][[:space:]]*[[:alnum:]_-]+(?:\.[[:alnum:]_-]+)+)',
                '***@masked.invalid', 'g')
            ELSE regexp_replace(value, '[^[:space:]<>"'',;:()]+[@\uFF20\uFE6B][[:alnum:]._-]+', '***@masked.invalid', 'g')
        END,
        '\+?[0-9\uFF10-\uFF19\u0660-\u0669\u06F0-\u06F9]'
            || '[0-9\uFF10-\uFF19\u0660-\u0669\u06F0-\u06F9 ()/._\u00A0\u00AD\u2000-\u2015\u202F\u205F\u2060\u2212\u3000\uFE58\uFE63\uFEFF\uFF0D-]{5,}'
            || '[0-9\uFF10-\uFF19\u0660-\u0669\u06F0-\u06F9]',
        '**********', 'g');
END;

-- The value, redacted where the other one, its key, has one of the words, which stand with | between them.
CREATE FUNCTION espalier_mask.when_key(value text, key text, words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN value IS NULL THEN NULL
        -- What could be a mistake in a regular expression stands for any character.
        WHEN key IS NULL OR key ~* regexp_replace(coalesce(words, ''), '[^[:alnum:]_|]', '.', 'g') THEN '***'
        ELSE value
    END;
END;

-- A path goes on in every element of a list that it comes to, and in the one that it names. What lies deeper than 50 is hidden.
CREATE FUNCTION espalier_mask.json_paths(value jsonb, VARIADIC paths text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each text;
    path text[];
    here jsonb;
    step text;
    spot text[];
BEGIN
    FOREACH each IN ARRAY paths LOOP
        path := string_to_array(each, '.');
        -- Lists take ten times as long, and are looked for first.
        here := value;
        FOREACH step IN ARRAY path LOOP
            EXIT WHEN here IS NULL OR jsonb_typeof(here) = 'array';
            here := here -> step;
        END LOOP;
        CONTINUE WHEN here IS NULL OR jsonb_typeof(here) = 'null';
        IF jsonb_typeof(here) <> 'array' OR here = value #> path THEN
            value := CASE WHEN cardinality(path) = 0 THEN '"***"' ELSE jsonb_set(value, path, '"***"', false) END;
            CONTINUE;
        END IF;
        FOR spot IN
            WITH RECURSIVE walk (here, place, step) AS (
                SELECT value, '{}'::text[], 1
                UNION ALL
                SELECT e.here, w.place || e.name, w.step + e.taken
                FROM walk w
                CROSS JOIN LATERAL (
                    SELECT w.here -> path[w.step], path[w.step], 1
                    WHERE jsonb_typeof(w.here) = 'object'
                    UNION ALL
                    SELECT w.here -> path[w.step]::integer, path[w.step], 1
                    WHERE jsonb_typeof(w.here) = 'array' AND path[w.step] ~ '^-?[0-9]{1,9}$'
                    UNION ALL
                    SELECT a.value, (a.ordinality - 1)::text, 0
                    FROM jsonb_array_elements(CASE jsonb_typeof(w.here) WHEN 'array' THEN w.here END) WITH ORDINALITY a
                ) e (here, name, taken)
                WHERE w.step <= cardinality(path) AND cardinality(w.place) < 50 AND jsonb_typeof(e.here) <> 'null'
            )
            SELECT w.place
            FROM walk w
            WHERE jsonb_typeof(w.here) <> 'null'
              AND (w.step > cardinality(path) OR (cardinality(w.place) = 50 AND jsonb_typeof(w.here) IN ('object', 'array')))
        LOOP
            value := CASE WHEN cardinality(spot) = 0 THEN '"***"' ELSE jsonb_set(value, spot, '"***"', false) END;
        END LOOP;
    END LOOP;
    RETURN value;
END $$;

-- *** under the keys, for what lies deeper than 50, and where wanted for long numbers, which a text without them could not hold.
CREATE FUNCTION espalier_mask.json_hidden(value jsonb, keys text[], long_numbers boolean) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    hidden text[];
BEGIN
    FOR hidden IN
        WITH RECURSIVE inside (path, here, hides) AS (
            SELECT '{}'::text[], value, false
            UNION ALL
            SELECT i.path || e.step, e.here, e.hides
            FROM inside i
            CROSS JOIN LATERAL (
                SELECT o.key, o.value, lower(o.key) = ANY (keys) AND jsonb_typeof(o.value) <> 'null'
                FROM jsonb_each(CASE jsonb_typeof(i.here) WHEN 'object' THEN i.here END) o
                UNION ALL
                SELECT (a.ordinality - 1)::text, a.value, false
                FROM jsonb_array_elements(CASE jsonb_typeof(i.here) WHEN 'array' THEN i.here END) WITH ORDINALITY a
            ) e (step, here, hides)
            WHERE NOT i.hides AND cardinality(i.path) < 50
        )
        SELECT i.path
        FROM inside i
        WHERE i.hides
           OR (cardinality(i.path) = 50 AND jsonb_typeof(i.here) IN ('object', 'array'))
           OR (long_numbers AND jsonb_typeof(i.here) = 'number' AND i.here::text ~ '[0-9][0-9.]{5}')
    LOOP
        value := CASE WHEN cardinality(hidden) = 0 THEN '"***"' ELSE jsonb_set(value, hidden, '"***"', false) END;
    END LOOP;
    RETURN value;
END $$;

-- JSON that is kept as text; what is no JSON is not shown at all. (Errors are caught in a subtransaction, which parallel
-- workers cannot have before PostgreSQL 17.)
CREATE FUNCTION espalier_mask.json_read(value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN value::jsonb;
EXCEPTION WHEN OTHERS THEN
    RETURN '{"masked": "unparsable"}';
END $$;

-- Whatever stands under one of these keys, and all that lies deeper than 50; keys are compared without case.
CREATE FUNCTION espalier_mask.json_keys(value jsonb, VARIADIC keys text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT espalier_mask.json_hidden(value, lower(keys::text)::text[], false);
END;

-- What the patterns take out of the text could leave no JSON, as of digits behind \u0001: so it is read once more.
CREATE FUNCTION espalier_mask.json_text_keys(value text, VARIADIC keys text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL UNSAFE
BEGIN ATOMIC
    SELECT espalier_mask.json_read(espalier_mask.redact_patterns(
        espalier_mask.json_hidden(espalier_mask.json_read(value), lower(keys::text)::text[], true)::text))::text;
END;

CREATE FUNCTION espalier_mask.json_text_paths(value text, VARIADIC paths text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL UNSAFE
BEGIN ATOMIC
    SELECT espalier_mask.json_paths(espalier_mask.json_read(value), VARIADIC paths)::text;
END;

-- For row filters.
CREATE FUNCTION espalier_mask.is_one_of(value text, VARIADIC allowed text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT value = ANY (allowed);
END;

CREATE FUNCTION espalier_mask.is_none_of(value text, VARIADIC hidden text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT value <> ALL (hidden);
END;
