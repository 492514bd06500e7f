package dev.espalier.control;

import static dev.espalier.postgres.Identifiers.quoted;

import dev.espalier.control.Operation.Kind;
import dev.espalier.control.metastore.CatalogTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The changes of databases. */
final class DatabaseChanges {

    /** Kind of a database among the resources that a cluster has on record. */
    static final String KIND = "database";

    private DatabaseChanges() {}

    /**
     * Makes an empty database.
     *
     * @param databaseId its id
     * @param database its name in PostgreSQL
     * @param owner name in PostgreSQL of the role that owns it
     */
    record Create(String databaseId, String database, String owner) implements ClusterChange {

        @Override
        public Kind kind() {
            return Kind.CREATE_DATABASE;
        }

        @Override
        public void make(Branch branch, BranchSessions sessions, boolean again) {
            sessions.with(branch, BranchSessions.HOME, session -> {
                boolean there = exists(session, database);
                if (!(again && there && ResourceIds.isRecorded(session, KIND, databaseId, database))) {
                    create(session, there);
                    sessions.reached("database.created");
                }
                return database;
            });
        }

        /** The record goes first, since CREATE DATABASE knows no transaction: so it shows whose the database is. */
        private void create(Connection session, boolean there) throws SQLException {
            if (!there) {
                ResourceIds.record(session, KIND, databaseId, database);
            }
            try {
                BranchSessions.execute(session, "CREATE DATABASE " + quoted(database) + " OWNER " + quoted(owner));
                // One that was asked for at the same time may have taken the record away with its own failure.
                ResourceIds.record(session, KIND, databaseId, database);
            } catch (SQLException e) {
                forgetWhatIsNot(session, e);
                throw e;
            }
        }

        @Override
        public void changeRows(Handle handle, Branch branch) {
            ProjectTable.hasDatabase(handle, branch.projectUid(), database);
        }

        private void forgetWhatIsNot(Connection session, SQLException cause) {
            try {
                if (!exists(session, database)) {
                    ResourceIds.forget(session, KIND, database);
                }
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /**
     * Renames a database or gives it to another role.
     *
     * @param databaseId its id
     * @param database its name in PostgreSQL
     * @param oid its OID: another one of this name is not changed
     * @param newName its name from then on
     * @param owner name in PostgreSQL of the role that owns it from then on
     */
    record Alter(String databaseId, String database, long oid, Optional<String> newName, Optional<String> owner)
            implements ClusterChange {

        @Override
        public Kind kind() {
            return Kind.UPDATE_DATABASE;
        }

        @Override
        public void make(Branch branch, BranchSessions sessions, boolean again) {
            sessions.with(branch, BranchSessions.HOME, session -> {
                Optional<String> there = nameOf(session, oid);
                if (again && renamed().isPresent() && there.equals(renamed())) {
                    return database;
                }
                if (!there.equals(Optional.of(database))) {
                    throw ClusterChange.gone(branch, database);
                }
                session.setAutoCommit(false);
                if (owner.isPresent()) {
                    BranchSessions.execute(
                            session, "ALTER DATABASE " + quoted(database) + " OWNER TO " + quoted(owner.get()));
                }
                if (renamed().isPresent()) {
                    BranchSessions.execute(
                            session,
                            "ALTER DATABASE " + quoted(database) + " RENAME TO "
                                    + quoted(renamed().get()));
                    ResourceIds.record(session, KIND, databaseId, renamed().get());
                }
                session.commit();
                return database;
            });
        }

        private Optional<String> renamed() {
            return newName.filter(name -> !name.equals(database));
        }

        @Override
        public void changeRows(Handle handle, Branch branch) {
            renamed().ifPresent(name -> {
                gone(handle, branch, database);
                ProjectTable.hasDatabase(handle, branch.projectUid(), name);
            });
        }
    }

    /**
     * Drops a database; its sessions end.
     *
     * @param database its name in PostgreSQL
     * @param oid its OID: another one of this name is not dropped
     */
    record Drop(String database, long oid) implements ClusterChange {

        @Override
        public Kind kind() {
            return Kind.DELETE_DATABASE;
        }

        @Override
        public void make(Branch branch, BranchSessions sessions, boolean again) {
            sessions.with(branch, BranchSessions.HOME, session -> {
                long there = oidOf(session, database);
                if (there == oid) {
                    BranchSessions.execute(session, "DROP DATABASE " + quoted(database) + " WITH (FORCE)");
                    sessions.reached("database.dropped");
                } else if (!again) {
                    throw ClusterChange.gone(branch, database);
                }
                // Where the drop was done before, the name may be another database's by now.
                if (there == oid || there == 0) {
                    ResourceIds.forget(session, KIND, database);
                }
                return database;
            });
        }

        @Override
        public void changeRows(Handle handle, Branch branch) {
            gone(handle, branch, database);
        }
    }

    /**
     * A catalog is what the default branch has, and a name alone leads there. On other branches the database may still be: then it has a
     * catalog again when somebody signs in to it.
     */
    private static void gone(Handle handle, Branch branch, String database) {
        if (branch.isDefault()) {
            CatalogTable.disappear(handle, branch.projectUid(), database);
            var _ = ProjectTable.lacksDatabase(handle, branch.projectUid(), database);
        }
    }

    /** 0 if there is none of this name. */
    static long oidOf(Connection session, String database) throws SQLException {
        return BranchSessions.oid(session, "SELECT oid FROM pg_database WHERE datname = ?", database);
    }

    private static Optional<String> nameOf(Connection session, long oid) throws SQLException {
        return BranchSessions.name(session, "SELECT datname FROM pg_database WHERE oid = ?", oid);
    }

    private static boolean exists(Connection session, String database) throws SQLException {
        return oidOf(session, database) != 0;
    }
}
