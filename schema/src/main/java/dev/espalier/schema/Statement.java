package dev.espalier.schema;

import dev.espalier.schema.ddl.Script;
import dev.espalier.schema.model.ObjectId;
import java.util.Optional;

/**
 * One statement of a difference.
 *
 * @param sql without a semicolon at the end
 * @param toldWith the object of the change that the statement serves; empty for one that serves them all
 * @param elsewhere see {@link Script.Line#elsewhere}
 */
record Statement(String sql, Optional<ObjectId> toldWith, boolean elsewhere) {

    static Statement forAll(String sql) {
        return new Statement(sql, Optional.empty(), false);
    }
}
