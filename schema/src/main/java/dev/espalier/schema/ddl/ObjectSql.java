package dev.espalier.schema.ddl;

import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/** The SQL that makes, changes and removes one kind of object. Owner, comment and privileges are {@link Attributes}. */
interface ObjectSql {

    /**
     * @param object what to make
     * @param parts the parts that are made with it in the same statement, in their order
     */
    List<String> create(SchemaObject object, List<SchemaObject> parts);

    List<String> drop(SchemaObject object);

    /**
     * @param from the object as it is
     * @param to the object as it shall be
     * @param changed the properties in which they differ, at least one
     */
    Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed);
}
