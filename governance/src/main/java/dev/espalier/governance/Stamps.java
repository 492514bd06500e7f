package dev.espalier.governance;

import dev.espalier.control.admission.Stamp;
import dev.espalier.postgres.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads the {@link Stamp} of a database. It goes by the transactions that have written the rows of PostgreSQL's catalogs, and of
 * Espalier's own tables, and by how many rows are each one's: what is changed after an id was given is written by a transaction that
 * has no rows there yet, and what it replaces or removes is missing. So it need not read what the rows say. (PostgreSQL writes some
 * numbers in place: statistics, and whether a table has indexes. No proof asks for them.)
 */
final class Stamps {

    private static final String ID = "espalier_governance.stamp";

    /** What users' data and statistics are in, what a proof does not ask for, and what is read as it is. */
    private static final Set<String> LEFT_OUT = Set.of(
            ID,
            "pg_catalog.pg_authid",
            "pg_catalog.pg_largeobject",
            "pg_catalog.pg_statistic",
            "pg_catalog.pg_statistic_ext_data",
            "pg_catalog.pg_subscription_rel");

    /** What there is more of is not read for this: it would take longer than a proof, and memory. */
    private static final long MOST_BYTES = 128L << 20;

    /** In schemas of the superuser's alone. */
    private static final String RELATIONS = """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_relation_size(c.oid)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner AND o.rolsuper
            WHERE c.relkind = 'r' AND n.nspname IN ('pg_catalog', 'espalier_governance', 'espalier_secret', 'espalier_mirror')
            """;

    private Stamps() {}

    /** Empty where none was given, or nothing can be told. */
    static Optional<Stamp> read(Connection session) throws SQLException {
        Set<String> relations = new TreeSet<>();
        long bytes = 0;
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(RELATIONS)) {
            while (rows.next()) {
                if (relations.add(rows.getString(1)) && !LEFT_OUT.contains(rows.getString(1))) {
                    bytes += rows.getLong(2);
                }
            }
        }
        if (!relations.contains(ID) || bytes > MOST_BYTES) {
            return Optional.empty();
        }
        relations.removeAll(LEFT_OUT);
        String versions = relations.stream()
                .map(relation ->
                        "SELECT '%1$s' AS relation, xmin::text AS writer, count(*) AS rows FROM ONLY %1$s GROUP BY xmin"
                                .formatted(relation))
                .collect(Collectors.joining(" UNION ALL "));
        // Passwords are no part of it: a copy gets others. After 2^32 transactions their numbers come again, a writer
        // could be taken for an earlier one, and nothing is told.
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT s.id, encode(sha256(convert_to(concat_ws(';', current_setting('server_version_num'),
                            (SELECT string_agg(concat_ws(' ', v.relation, v.writer, v.rows), ',' ORDER BY v.relation COLLATE "C", v.writer COLLATE "C")
                             FROM (%s) v),
                            (SELECT string_agg(concat_ws(' ', r.oid, quote_ident(r.rolname), r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb,
                                 r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconnlimit, extract(epoch FROM r.rolvaliduntil)), ',' ORDER BY r.oid)
                             FROM pg_catalog.pg_authid r)), 'UTF8')), 'hex')
                        FROM espalier_governance.stamp s
                        WHERE pg_snapshot_xmax(pg_current_snapshot())::text::bigint < 4294967296
                        """.formatted(versions))) {
            return rows.next() ? Optional.of(new Stamp(rows.getString(1), rows.getString(2))) : Optional.empty();
        }
    }

    /** Gives another id. What others write until that is done is not in the digest: the state that comes of it has another one. */
    static Optional<Stamp> renew(Connection session) throws SQLException {
        return Transactions.committed(session, () -> {
            try (var statement = session.createStatement()) {
                statement.execute("DELETE FROM espalier_governance.stamp");
                statement.execute("INSERT INTO espalier_governance.stamp (id) VALUES (gen_random_uuid())");
            }
            return read(session);
        });
    }
}
