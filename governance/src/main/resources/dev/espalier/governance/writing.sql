-- Writing through a masked view.

-- The body goes in as a literal: it holds names that the application's owner chose.
CREATE FUNCTION espalier_governance.make_trigger_function(p_name text, p_owner name, p_body text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS %L',
        p_name, p_body);
    EXECUTE format('ALTER FUNCTION %s() OWNER TO %I', p_name, p_owner);
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', p_name);
END $$;

-- A name in quotes whatever it is: PL/pgSQL has words of its own (begin, by, if), which quote_ident() takes for names.
CREATE FUNCTION espalier_governance.quoted(p_name name) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '"' || replace(p_name::text, '"', '""') || '"'
$$;

-- Writing through a masked view: what the writer was shown masked and gives back unchanged is left as it is, and what he
-- changes of it is refused. The triggers run with his own rights on a second view of the table, so that an error shows no
-- more of a row than he wrote.
--
-- PostgreSQL locks no row for such a trigger: values that were computed from a row as the statement found it would replace
-- what another transaction has made of it since. So the row is locked and read again, and who finds another one is told to
-- try again.
-- What something else refers to by a foreign key that tells (p_referred) is not changed either.
CREATE FUNCTION espalier_governance.compile_writing(p_profile text, p_rel oid, p_view oid, p_referred name[], p_deletes boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
SET datestyle = iso SET intervalstyle = postgres SET extra_float_digits = 1 SET array_nulls = on AS $$
DECLARE
    c record;
    view_role name := espalier_governance.view_role(p_profile);
    profile_role name := espalier_governance.profile_role(p_profile);
    base_schema name;
    table_name name;
    place name;
    -- The triggers look the names up when they run. Their variables have names of columns: where both could be meant, each has its block's or
    -- its table's before it.
    read_name text;
    write_name text;
    keys name[];
    telling name[] := ARRAY(SELECT espalier_governance.telling_columns(p_profile, p_rel)) || p_referred;
    deletes text := CASE WHEN p_deletes THEN ', DELETE' ELSE '' END;
    readable text := '';
    insertable text := '';
    updatable text := '';
    checks text := '';
    new_values text := '';
    changes integer := 0;
    inserted text := '';
    inserted_values text := '';
    key_is_old text := '';
    key_columns text := '';
    key_variables text := '';
    key_declarations text := '';
    key_is_variable text := '';
    key_number integer := 0;
    identity text;
    field text;
    function text;
BEGIN
    SELECT n.nspname, t.relname INTO base_schema, table_name
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = p_rel;
    SELECT array_agg(a.attname ORDER BY k.ord) INTO keys
    FROM pg_index x
    CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY k (attnum, ord)
    JOIN pg_attribute a ON a.attrelid = p_rel AND a.attnum = k.attnum
    WHERE x.indrelid = p_rel AND x.indisprimary AND k.ord <= x.indnkeyatts;
    IF keys IS NULL OR EXISTS (
            SELECT FROM espalier_governance.masked_columns(p_profile, p_rel) m
            JOIN pg_attribute a ON a.attrelid = p_rel AND a.attnum = m.attnum
            WHERE a.attname = ANY (keys)) THEN
        -- No row can be told by what the writer sees of it: PostgreSQL's own writing through views is left.
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO updatable
        FROM pg_attribute a
        WHERE a.attrelid = p_view AND a.attnum > 0 AND a.attname <> ALL (telling);
        EXECUTE format('GRANT INSERT%s%s ON %s TO %I', deletes, ', UPDATE (' || updatable || ')', p_view::regclass, profile_role);
        RETURN;
    END IF;
    -- Its triggers say what cannot be changed.
    EXECUTE format('GRANT INSERT, UPDATE%s ON %s TO %I', deletes, p_view::regclass, profile_role);
    place := espalier_governance.place(p_profile, base_schema, true);
    write_name := format('%I.%I', place, table_name);
    read_name := format('%I.%I', espalier_governance.view_schema_name(base_schema, p_profile, false), table_name);
    EXECUTE format('CREATE VIEW %s WITH (check_option = cascaded) AS SELECT *, xmin FROM %s', write_name, p_rel::regclass);
    EXECUTE format('ALTER VIEW %s OWNER TO %I', write_name, view_role);
    UPDATE espalier_governance.compiled SET write_view = write_name::regclass
    WHERE profile = p_profile AND relid = p_rel;
    FOR c IN
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS generated, a.attidentity,
               -- A masked column is shown with the type below its domain, which has not the domain's default.
               coalesce(pg_get_expr(d.adbin, d.adrelid), CASE WHEN m.attnum IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0) END) AS default_value,
               a.attname = ANY (keys) AS is_key, m.attnum IS NOT NULL AS masked, a.attname = ANY (telling) AS tells,
               -- How masked columns are compared. Types without an equality of their own, or with one that is not PostgreSQL's: as texts.
               CASE
                   WHEN t.typnamespace <> 'pg_catalog'::regnamespace OR t.typcategory IN ('A', 'G')
                       OR t.typname IN ('json', 'xml', 'jsonpath') THEN '::text'
                   ELSE ''
               END AS compared
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
        LEFT JOIN espalier_governance.masked_columns(p_profile, p_rel) m ON m.attnum = a.attnum
        WHERE a.attrelid = p_rel AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    LOOP
        field := espalier_governance.quoted(c.attname);
        IF NOT c.masked THEN
            readable := readable || format(', %I', c.attname);
        END IF;
        IF NOT c.generated THEN
            insertable := insertable || format(', %I', c.attname);
            IF NOT c.masked AND NOT c.is_key AND NOT c.tells THEN
                updatable := updatable || format(', %I', c.attname);
            END IF;
        END IF;
        IF c.is_key THEN
            key_number := key_number + 1;
            key_is_old := key_is_old || format(' AND %I = $%s', c.attname, array_position(keys, c.attname));
            key_columns := key_columns || format(', t.%s', field);
            key_variables := key_variables || format(', written.key_%s', key_number);
            key_declarations := key_declarations || format('    key_%s %s;%s', key_number, c.type, chr(10));
            key_is_variable := key_is_variable || format(' AND t.%s = written.key_%s', field, key_number);
            checks := checks || format($t$
    IF ROW(NEW.%1$s)::record *<> ROW(OLD.%1$s)::record THEN
        RAISE EXCEPTION 'the key column %% of a table with masks cannot be changed', %2$L USING ERRCODE = '42501';
    END IF;$t$, field, c.attname);
        ELSIF c.generated THEN
            NULL;
        ELSIF c.masked THEN
            -- By PostgreSQL's equality, because drivers give back 1.0 for 1.00: it is not written either way.
            checks := checks || format($t$
    IF NEW.%1$s%3$s IS DISTINCT FROM OLD.%1$s%3$s THEN
        RAISE EXCEPTION 'column %% is masked for you, and you cannot change it', %2$L
            USING ERRCODE = '42501', HINT = 'Leave it as you read it, or out.';
    END IF;$t$, field, c.attname, c.compared);
        ELSIF c.tells THEN
            checks := checks || format($t$
    IF ROW(NEW.%1$s)::record *<> ROW(OLD.%1$s)::record THEN
        RAISE EXCEPTION 'column %% decides what is masked for you, or is checked together with it, and you cannot change it', %2$L
            USING ERRCODE = '42501', HINT = 'Leave it as you read it, or out.';
    END IF;$t$, field, c.attname);
        ELSE
            changes := changes + 1;
            -- By what is stored: 1.00 and 1.0, or '30 days' and '1 mon', are equal and not the same.
            checks := checks || format($t$
    IF ROW(NEW.%1$s)::record *<> ROW(OLD.%1$s)::record THEN
        changed := changed || %2$L;
    END IF;$t$, field, format(', %I = $%s', c.attname, array_length(keys, 1) + changes));
            new_values := new_values || ', NEW.' || field;
        END IF;
        IF NOT c.generated AND c.attidentity = '' THEN
            inserted := inserted || format(', %I', c.attname);
            inserted_values := inserted_values || ', NEW.' || field;
        ELSIF c.attidentity <> '' THEN
            identity := field;
        END IF;
        -- A default of the view's own: a column that is left out gets it, and one that is said to be NULL stays NULL.
        IF c.default_value IS NOT NULL THEN
            EXECUTE format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', p_view::regclass, c.attname,
                espalier_governance.unevaluated(c.default_value));
        END IF;
    END LOOP;
    EXECUTE format('GRANT SELECT (%s, xmin), INSERT (%s), UPDATE (%s)%s ON %s TO %I',
        -- To lock rows takes a column that may be written, which xmin never is.
        substr(readable, 3), substr(insertable, 3), coalesce(nullif(substr(updatable, 3), ''), 'xmin'),
        deletes, write_name, profile_role);

    function := format('%I.update_%s', place, p_rel);
    PERFORM espalier_governance.make_trigger_function(function, view_role, format($f$
DECLARE
    changed text := '';
    touched bigint;
    newest record;
    later bigint;
BEGIN%1$s
    SELECT * INTO newest FROM %6$s t WHERE %7$s FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF newest *<> OLD THEN
        -- Unless it was this transaction itself, as where a join finds a row twice: then who has written it has an
        -- identifier from this one's on, and has not ended.
        SELECT (t.xmin::text::bigint - pg_current_xact_id()::text::bigint) & 4294967295 INTO later FROM %8$s t WHERE %7$s;
        IF (later < 2147483648 AND pg_xact_status((pg_current_xact_id()::text::bigint + later)::text::xid8) = 'in progress') IS NOT TRUE THEN
            RAISE EXCEPTION 'could not serialize access due to concurrent update' USING ERRCODE = 'serialization_failure',
                HINT = 'Another transaction has changed the row since this statement began, and columns of the table are masked for you. Try again, or read the row with FOR UPDATE before.';
        END IF;
    END IF;
    IF changed <> '' THEN
        EXECUTE %2$L || substr(changed, 3) || %3$L USING %4$s%5$s;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched = 0 THEN
            RETURN NULL;
        END IF;
        SELECT * INTO NEW FROM %6$s t WHERE %7$s;
    END IF;
    RETURN NEW;
END $f$,
        checks, format('UPDATE %s SET ', write_name), ' WHERE ' || substr(key_is_old, 6),
        (SELECT string_agg('OLD.' || espalier_governance.quoted(k.name), ', ' ORDER BY k.ord) FROM unnest(keys) WITH ORDINALITY k (name, ord)),
        new_values, read_name,
        (SELECT string_agg(format('t.%1$s = OLD.%1$s', espalier_governance.quoted(k.name)), ' AND ') FROM unnest(keys) k (name)), write_name));
    EXECUTE format('CREATE TRIGGER espalier_update INSTEAD OF UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
        p_view::regclass, function);

    function := format('%I.insert_%s', place, p_rel);
    PERFORM espalier_governance.make_trigger_function(function, view_role, format($f$
<<written>>
DECLARE
%1$sBEGIN
    %2$s
    SELECT * INTO NEW FROM %3$s t WHERE %4$s;
    RETURN NEW;
END $f$,
        key_declarations,
        CASE
            WHEN identity IS NULL THEN format('INSERT INTO %s AS t (%s) VALUES (%s) RETURNING %s INTO %s;', write_name,
                substr(inserted, 3), substr(inserted_values, 3), substr(key_columns, 3), substr(key_variables, 3))
            ELSE format($i$IF NEW.%1$s IS NULL THEN
        INSERT INTO %2$s AS t (%3$s) VALUES (%4$s) RETURNING %5$s INTO %6$s;
    ELSE
        INSERT INTO %2$s AS t (%1$s%7$s) VALUES (NEW.%1$s%8$s) RETURNING %5$s INTO %6$s;
    END IF;$i$, identity, write_name,
                coalesce(nullif(substr(inserted, 3), ''), identity),
                coalesce(nullif(substr(inserted_values, 3), ''), 'DEFAULT'),
                substr(key_columns, 3), substr(key_variables, 3), inserted, inserted_values)
        END,
        read_name, substr(key_is_variable, 6)));
    EXECUTE format('CREATE TRIGGER espalier_insert INSTEAD OF INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
        p_view::regclass, function);
END $$;
