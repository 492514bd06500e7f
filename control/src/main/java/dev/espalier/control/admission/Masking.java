package dev.espalier.control.admission;

import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Masks what is written into a database, before it is: what they hide reaches neither the tables nor the log. Whoever implements
 * it sees databases and the rules that govern them, and nothing of branches.
 */
public interface Masking {

    /** Reason of the refusal to open what was masked by rules that hid less than those of now. Only that is for good. */
    String MASKED_BEFORE = "MASKED_BY_EARLIER_RULES";

    /**
     * A table whose rows are to be copied in.
     *
     * @param columns all that are stored
     */
    record Taken(String schema, String table, List<String> columns) {

        public Taken {
            columns = List.copyOf(columns);
        }
    }

    /**
     * Puts masks in the way of all that is written, by replication too, into an empty copy of a database's schema, and takes away
     * the constraints that masked values need not keep.
     *
     * @param source superuser's session on the database that it is a copy of, which is under the rules; with autocommit, left as
     *     it was
     * @param mirror superuser's session on the copy; with autocommit, left as it was
     * @param subject for whom it is masked
     * @return the tables that the subject may read; all others must stay empty
     * @throws ControlException naming every table that the subject may read and that cannot be masked in this way, and why
     */
    List<Taken> prepare(Connection source, Connection mirror, Rules rules, Subject subject) throws SQLException;

    /**
     * Takes the masks out of a copy of such a database, which is written by its own users from then on, with the key that their
     * tokens were made with.
     *
     * @param session of the superuser, with autocommit; left as it was
     */
    void release(Connection session) throws SQLException;
}
