package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Effect;
import dev.espalier.control.metastore.Policy.RowFilter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.policy} and {@code control.policy_principal}. */
final class PolicyTable {

    private static final String ROW_FILTER = "ROW_FILTER";
    private static final String COLUMN_MASK = "COLUMN_MASK";

    private PolicyTable() {}

    /** The policies on the catalog and what lies in it, by name. */
    static List<DefinedPolicy> of(Handle handle, Catalog catalog) {
        return read(handle, catalog, "p.catalog_uid = :catalog", Map.of("catalog", catalog.uid()));
    }

    /** The policies on the thing itself whose names are this one but for capitals; a function that is called like a table has none. */
    static List<DefinedPolicy> named(Handle handle, Catalog catalog, Securable on, String name) {
        return read(
                        handle,
                        catalog,
                        "p.catalog_uid = :catalog AND p.schema_name = :schema AND p.object_name = :object"
                                + " AND lower(p.name) = lower(:name)",
                        Map.of(
                                "catalog",
                                catalog.uid(),
                                "schema",
                                SecurableNames.schema(on.name()),
                                "object",
                                SecurableNames.object(on.name()),
                                "name",
                                name))
                .stream()
                .filter(policy -> policy.definition().on().equals(on))
                .toList();
    }

    /** The one of exactly this name on the thing itself; else the one whose name differs in capitals alone, if no other does. */
    static Optional<DefinedPolicy> find(Handle handle, Catalog catalog, Securable on, String name) {
        List<DefinedPolicy> named = named(handle, catalog, on, name);
        return named.stream()
                .filter(policy -> policy.definition().name().equals(name))
                .findFirst()
                .or(() -> named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty());
    }

    private static List<DefinedPolicy> read(
            Handle handle, Catalog catalog, String condition, Map<String, String> values) {
        Map<String, Set<String>> to = new HashMap<>();
        Map<String, Set<String>> except = new HashMap<>();
        handle.createQuery("""
                        SELECT w.policy_uid, w.excepted, coalesce(n.name, :everyone) AS principal
                        FROM control.policy_principal w
                        JOIN control.policy p ON p.uid = w.policy_uid
                        LEFT JOIN control.principal n ON n.id = w.principal_id
                        WHERE
                        """ + condition)
                .bind("everyone", Subject.EVERYONE)
                .bindMap(values)
                .map((row, context) -> (row.getBoolean("excepted") ? except : to)
                        .computeIfAbsent(row.getString("policy_uid"), _ -> new HashSet<>())
                        .add(row.getString("principal")))
                .list();
        return handle.createQuery(
                        "SELECT * FROM control.policy p WHERE " + condition + " ORDER BY p.name COLLATE \"C\", p.uid")
                .bindMap(values)
                .map((row, context) -> {
                    String uid = row.getString("uid");
                    return read(
                            row, catalog.name(), to.getOrDefault(uid, Set.of()), except.getOrDefault(uid, Set.of()));
                })
                .list();
    }

    /** Writes a new policy, or the changed one of the same id. */
    static void put(Handle handle, Catalog catalog, DefinedPolicy policy) {
        PolicyDefinition definition = policy.definition();
        handle.createUpdate("""
                        INSERT INTO control.policy
                        VALUES (:uid, :catalog, :schema, :object, :name, :comment, :effect, :function, :onColumn, :when,
                                :match::jsonb, :arguments::jsonb, :createdBy, :createTime, :updatedBy, :updateTime)
                        ON CONFLICT (uid) DO UPDATE
                        SET name = excluded.name, comment = excluded.comment, effect = excluded.effect,
                            function = excluded.function, on_column = excluded.on_column,
                            when_condition = excluded.when_condition, match_columns = excluded.match_columns,
                            arguments = excluded.arguments, updated_by = excluded.updated_by,
                            update_time = excluded.update_time
                        """)
                .bind("uid", policy.id())
                .bind("catalog", catalog.uid())
                .bind("schema", SecurableNames.schema(definition.on().name()))
                .bind("object", SecurableNames.object(definition.on().name()))
                .bind("name", definition.name())
                .bind("comment", definition.comment().orElse(null))
                .bind("effect", definition.effect() instanceof RowFilter ? ROW_FILTER : COLUMN_MASK)
                .bind("function", definition.effect().function())
                .bind("onColumn", definition.effect() instanceof ColumnMask mask ? mask.onColumn() : null)
                .bind("when", definition.when())
                .bind("match", PolicyJson.write(definition.match()))
                .bind("arguments", PolicyJson.writeArguments(definition.effect().using()))
                .bind("createdBy", policy.createdBy())
                .bind("createTime", policy.createTime().atOffset(ZoneOffset.UTC))
                .bind("updatedBy", policy.updatedBy())
                .bind("updateTime", policy.updateTime().atOffset(ZoneOffset.UTC))
                .execute();
        handle.execute("DELETE FROM control.policy_principal WHERE policy_uid = ?", policy.id());
        definition.to().forEach(name -> bind(handle, policy, name, false));
        definition.except().forEach(name -> bind(handle, policy, name, true));
    }

    private static void bind(Handle handle, DefinedPolicy policy, String name, boolean excepted) {
        handle.execute(
                "INSERT INTO control.policy_principal VALUES (?, ?, ?)",
                policy.id(),
                PrincipalNames.find(handle, name).id().orElse(null),
                excepted);
    }

    static void delete(Handle handle, String uid) {
        handle.execute("DELETE FROM control.policy WHERE uid = ?", uid);
    }

    /** Names of the policies, with what they are on, that bind this principal by his own name. */
    static List<String> binding(Handle handle, long principal) {
        return handle
                .select("""
                        SELECT p.name, c.name AS catalog, p.schema_name, p.object_name, %s AS deleted
                        FROM control.policy_principal w
                        JOIN control.policy p ON p.uid = w.policy_uid
                        JOIN control.catalog c ON c.uid = p.catalog_uid
                        WHERE w.principal_id = ? AND NOT w.excepted
                        """.formatted(CatalogTable.DELETED), principal)
                .map((row, context) -> row.getString("name") + " on "
                        + SecurableNames.of(
                                row.getString("catalog"), row.getString("schema_name"), row.getString("object_name"))
                        + row.getString("deleted"))
                .list()
                .stream()
                .sorted()
                .toList();
    }

    private static DefinedPolicy read(ResultSet row, String catalog, Set<String> to, Set<String> except)
            throws SQLException {
        List<Argument> arguments = PolicyJson.arguments(row.getString("arguments"));
        String function = row.getString("function");
        Effect effect = row.getString("effect").equals(ROW_FILTER)
                ? new RowFilter(function, arguments)
                : new ColumnMask(function, row.getString("on_column"), arguments);
        return new DefinedPolicy(
                row.getString("uid"),
                new PolicyDefinition(
                                row.getString("name"),
                                Optional.ofNullable(row.getString("comment")),
                                SecurableNames.scope(
                                        catalog, row.getString("schema_name"), row.getString("object_name")),
                                to,
                                except,
                                row.getString("when_condition"),
                                PolicyJson.match(row.getString("match_columns")),
                                effect)
                        // Some were kept as they were given.
                        .withPlainFunction(),
                row.getString("created_by"),
                CatalogTable.instant(row, "create_time"),
                row.getString("updated_by"),
                CatalogTable.instant(row, "update_time"));
    }
}
