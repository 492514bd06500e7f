package dev.espalier.control.admission;

import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What must hold in a database before anyone is let in. Whoever implements it sees one database and the rules that govern it,
 * and nothing of branches.
 */
public interface Admission {

    /**
     * Brings the database under the rules, in one transaction, and proves that it is. With rules that it is under already, only
     * the proof is made. Readers that are at work are not waited for longer than a few seconds.
     *
     * @param session of the superuser, with autocommit; left as it was
     * @param maskedFor for whom all that the branch was made of has been masked on its way to the disk; empty where the raw values
     *     are there
     * @return what was proved
     * @throws ControlException if the rules cannot be compiled, or the proof fails: nobody may be let in
     */
    Proof admit(Connection session, Rules rules, Optional<Subject> maskedFor) throws SQLException;

    /**
     * Tells in which state the database is, of all that a proof looks at; empty where that cannot be told, as where it has never been
     * under rules.
     *
     * @param session of the superuser, with autocommit; left as it was
     */
    Optional<Stamp> stamp(Connection session) throws SQLException;

    /**
     * Brings a database that is open under the rules and proves it, without ending anybody or waiting for longer than a second, and gives the
     * state that it is in then an id that no other has had before.
     *
     * @param session of the superuser, with autocommit; left as it was
     * @throws ControlException if the rules do not hold; {@code TEMPORARILY_UNAVAILABLE} if somebody else is at it
     * @throws SQLException also where somebody is in the way
     */
    Remembered remember(Connection session, Rules rules) throws SQLException;

    /**
     * What became of a database that is open.
     *
     * @param changed whether something had not been under the rules yet
     * @param state empty where that cannot be told, or something has changed meanwhile
     */
    record Remembered(boolean changed, Optional<ProvedState> state) {}

    /**
     * Gives a principal's role what the rules give the principal, where they bind him or the database is governed. The role is
     * there, and the database has been admitted.
     *
     * @param session of the superuser, with autocommit; left as it was
     * @return what he finds there
     */
    Sight prepareRole(Connection session, String principal) throws SQLException;

    /**
     * Name of the catalog whose rules the database was last brought under; empty if it has never been brought under any.
     *
     * @param session of the superuser
     */
    Optional<String> catalog(Connection session) throws SQLException;

    /**
     * What a principal finds there. The database has been admitted.
     *
     * @param session of the superuser, with autocommit; left as it was
     */
    Sight sight(Connection session, String principal) throws SQLException;
}
