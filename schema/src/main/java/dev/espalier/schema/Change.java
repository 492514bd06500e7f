package dev.espalier.schema;

import dev.espalier.schema.model.ObjectId;
import java.util.List;
import java.util.Map;

/**
 * One object that differs between two schemas.
 *
 * @param kind what it is, in PostgreSQL's words: {@code table}, {@code materialized view}
 * @param action what happened to it
 * @param identity its name, as PostgreSQL's messages spell it: {@code public.x.y}, {@code c on public.x}
 * @param before the old values of the properties that differ; of all properties if it was removed. A property that had
 *     its usual value is absent
 * @param after the new values of the properties that differ; of all properties if it was added
 * @param ddl the statements that make this change, without semicolons, in the order in which {@link SchemaDiff#toDdl} has
 *     them, among others that may have to come between
 * @param warnings what to know before running them: what is lost, and what is known to fail or may be expected to. That
 *     rows already obey a new constraint is not said of every constraint
 * @param object what it is called, for programs
 */
public record Change(
        String kind,
        Action action,
        String identity,
        Map<String, String> before,
        Map<String, String> after,
        List<String> ddl,
        List<String> warnings,
        ObjectId object) {}
