package dev.espalier.schema;

import dev.espalier.schema.ddl.Script;
import dev.espalier.schema.model.ObjectId;
import java.util.Optional;

/**
 * One statement of a difference.
 *
 * @param sql without a semicolon at the end
 * @param toldWith the object of the change that the statement serves
 * @param where in which database and transaction it is run
 */
record Statement(String sql, Optional<ObjectId> toldWith, Script.Where where) {}
