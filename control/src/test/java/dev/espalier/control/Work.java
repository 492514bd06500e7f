package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.testing.TestWait;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Work that a kill may interrupt: what is there before it, the work itself, and what may be there after the kill. The
 * project {@code shop} has a branch {@code production} whose table {@code t} holds a 1.
 */
enum Work {
    CREATE_PROJECT {
        @Override
        void prepare(TestPlane test) {}

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.projects().create(CALLER, OTHER, PLAIN));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            if (exists(test, OTHER)) {
                assertThat(test.query(OTHER, PRODUCTION, "SELECT 1")).isEqualTo("1");
            }
        }
    },

    DELETE_PROJECT {
        @Override
        void prepare(TestPlane test) {
            makeOther(test);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.projects().delete(CALLER, OTHER, false));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            if (!exists(test, OTHER)) {
                test.succeed(test.plane.projects().undelete(CALLER, OTHER));
            }
            assertThat(test.query(OTHER, PRODUCTION, "SELECT 1")).isEqualTo("1");
            assertThat(test.query(OTHER, WORK, "SELECT 1")).isEqualTo("1");
        }
    },

    PURGE_PROJECT {
        @Override
        void prepare(TestPlane test) {
            makeOther(test);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.projects().delete(CALLER, OTHER, true));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            if (exists(test, OTHER)) {
                assertThat(test.query(OTHER, PRODUCTION, "SELECT 1")).isEqualTo("1");
                assertThat(test.query(OTHER, WORK, "SELECT 1")).isEqualTo("1");
            }
        }
    },

    CREATE_BRANCH {
        @Override
        void prepare(TestPlane test) {}

        @Override
        void run(TestPlane test) {
            create(test, WORK, new Moment.Now());
        }

        @Override
        void check(TestPlane test) throws SQLException {
            if (branches(test).contains(WORK)) {
                // Also of one that sleeps.
                awaitHistory(test, WORK);
                assertThat(content(test, WORK)).isIn("1", "1 " + OF_A_USER);
            }
        }
    },

    CREATE_BRANCH_FROM_TIME {
        @Override
        void prepare(TestPlane test) throws SQLException {
            awaitHistory(test, PRODUCTION);
            moment = now(test, PRODUCTION);
            insert(test, PRODUCTION, 5);
        }

        @Override
        void run(TestPlane test) {
            create(test, WORK, new Moment.At(moment));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(content(test, PRODUCTION)).isEqualTo("1 5");
            CREATE_BRANCH.check(test);
        }
    },

    RESET {
        @Override
        void prepare(TestPlane test) throws SQLException {
            create(test, WORK, new Moment.Now());
            insert(test, WORK, 2);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.branches().reset(CALLER, SHOP, WORK));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(content(test, WORK)).isIn("1 2", "1", "1 " + OF_A_USER);
        }
    },

    RESTORE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            create(test, WORK, new Moment.Now());
            prepareRestore(test, WORK);
        }

        @Override
        void run(TestPlane test) {
            restore(test, WORK);
        }

        @Override
        void check(TestPlane test) throws SQLException {
            checkRestore(test, WORK);
        }
    },

    /** A root has subscriptions, which are its own and must stay whatever happens. */
    RESTORE_ROOT {
        @Override
        void prepare(TestPlane test) throws SQLException {
            asSuperuser(test, "CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)");
            awaitHistory(test, PRODUCTION);
            prepareRestore(test, PRODUCTION);
        }

        @Override
        void run(TestPlane test) {
            restore(test, PRODUCTION);
        }

        @Override
        String branch() {
            return PRODUCTION;
        }

        @Override
        void check(TestPlane test) throws SQLException {
            checkRestore(test, PRODUCTION);
            String subscriptions = "SELECT count(*) FROM pg_stat_subscription";
            assertThat(test.query(PRODUCTION, subscriptions)).isEqualTo("1");
            if (branches(test).contains(KEPT)) {
                assertThat(test.query(KEPT, subscriptions)).isEqualTo("0");
            }
        }
    },

    DELETE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            RESET.prepare(test);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.branches().delete(CALLER, SHOP, WORK, false));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            if (!branches(test).contains(WORK)) {
                test.succeed(test.plane.branches().undelete(CALLER, SHOP, WORK));
            }
            assertThat(content(test, WORK)).isEqualTo("1 2");
        }
    },

    PURGE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            RESET.prepare(test);
            awaitHistory(test, WORK);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.branches().delete(CALLER, SHOP, WORK, true));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            if (branches(test).contains(WORK)) {
                assertThat(content(test, WORK)).isEqualTo("1 2");
            }
        }
    },

    CREATE_REPLICA {
        @Override
        void prepare(TestPlane test) {
            create(test, WORK, new Moment.Now());
        }

        @Override
        void run(TestPlane test) {
            NewEndpoint replica = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
            test.succeed(test.plane.endpoints().create(CALLER, SHOP, WORK, "replica", replica, false));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(content(test, WORK)).isEqualTo("1");
            for (Endpoint endpoint : test.plane
                    .endpoints()
                    .list(SHOP, WORK, 10, Optional.empty())
                    .items()) {
                test.plane.endpoints().wake(endpoint.uid());
            }
        }
    },

    DELETE_REPLICA {
        @Override
        void prepare(TestPlane test) throws SQLException {
            CREATE_BRANCH.run(test);
            CREATE_REPLICA.run(test);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.endpoints().delete(CALLER, SHOP, WORK, "replica"));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            CREATE_REPLICA.check(test);
        }
    },

    CREATE_DATABASE {
        @Override
        void prepare(TestPlane test) {
            makeRole(test, "keeper");
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane
                    .databases()
                    .create(CALLER, SHOP, PRODUCTION, "extra", Optional.of("Extra"), "keeper", false));
        }

        @Override
        void check(TestPlane test) {
            assertThat(databases(test)).contains("extra=Extra of keeper");
            assertThat(test.rows("SELECT name FROM control.known_database")).contains("Extra");
        }
    },

    UPDATE_DATABASE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            CREATE_DATABASE.prepare(test);
            CREATE_DATABASE.run(test);
            makeRole(test, "heir");
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane
                    .databases()
                    .update(CALLER, SHOP, PRODUCTION, "extra", Optional.of("Renamed"), Optional.of("heir")));
        }

        @Override
        void check(TestPlane test) {
            assertThat(databases(test)).contains("extra=Renamed of heir").doesNotContain("extra=Extra of keeper");
            assertThat(test.rows("SELECT name FROM control.known_database")).contains("Renamed");
        }
    },

    DELETE_DATABASE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            CREATE_DATABASE.prepare(test);
            CREATE_DATABASE.run(test);
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.databases().delete(CALLER, SHOP, PRODUCTION, "extra"));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(databases(test)).noneMatch(database -> database.startsWith("extra="));
            assertThat(ofRecord(test, "database")).doesNotContain("Extra");
        }
    },

    CREATE_ROLE {
        @Override
        void prepare(TestPlane test) {}

        @Override
        void run(TestPlane test) {
            makeRole(test, "keeper");
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(roles(test)).contains("keeper");
            assertThat(ofRecord(test, "role")).contains("keeper");
        }
    },

    UPDATE_ROLE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            CREATE_ROLE.run(test);
        }

        @Override
        void run(TestPlane test) {
            RoleChange change = new RoleChange(
                    Optional.of("renamed"), Optional.empty(), Optional.of(List.of()), RoleChange.Attributes.NONE);
            test.succeed(test.plane.roles().update(CALLER, SHOP, PRODUCTION, "keeper", change));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(test.plane.roles().get(SHOP, PRODUCTION, "keeper").postgresRole())
                    .isEqualTo("renamed");
            assertThat(ofRecord(test, "role")).contains("renamed").doesNotContain("keeper");
        }
    },

    /** What the role owns is in two databases, which no transaction has both of. */
    DELETE_ROLE {
        @Override
        void prepare(TestPlane test) throws SQLException {
            makeRole(test, "heir");
            CREATE_DATABASE.prepare(test);
            CREATE_DATABASE.run(test);
            for (String database : List.of("databricks_postgres", "Extra")) {
                asSuperuser(
                        test, database, "CREATE TABLE public.owned (v int); ALTER TABLE public.owned OWNER TO keeper");
            }
        }

        @Override
        void run(TestPlane test) {
            test.succeed(test.plane.roles().delete(CALLER, SHOP, PRODUCTION, "keeper", Optional.of("heir")));
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(roles(test)).doesNotContain("keeper");
            assertThat(ofRecord(test, "role")).doesNotContain("keeper");
            assertThat(databases(test)).contains("extra=Extra of heir");
            for (String database : List.of("databricks_postgres", "Extra")) {
                assertThat(asSuperuser(test, database, "SELECT tableowner FROM pg_tables WHERE tablename = 'owned'"))
                        .isEqualTo("heir");
            }
            asSuperuser(test, "DROP TABLE public.owned");
        }
    },

    SNAPSHOT {
        @Override
        void prepare(TestPlane test) {}

        @Override
        void run(TestPlane test) throws SQLException {
            create(test, WORK, new Moment.Now());
            awaitHistory(test, WORK);
        }

        @Override
        void check(TestPlane test) throws SQLException {
            assertThat(content(test, WORK)).isIn("1", "1 " + OF_A_USER);
            awaitHistory(test, WORK);
        }
    };

    /** What a user writes as soon as a branch lets him in. */
    static final int OF_A_USER = 99;

    static final String SHOP = "shop";
    static final String PRODUCTION = "production";
    static final String WORK = "work";
    private static final String OTHER = "other";
    private static final String KEPT = "kept";

    @SuppressWarnings("ImmutableEnumChecker") // lives as long as one process, which does one piece of work
    Instant moment = Instant.EPOCH;

    abstract void prepare(TestPlane test) throws SQLException;

    abstract void run(TestPlane test) throws SQLException;

    abstract void check(TestPlane test) throws SQLException;

    /** The branch that a user waits for. */
    String branch() {
        return WORK;
    }

    /** Makes everything as it was before {@link #prepare}. */
    static void cleanUp(TestPlane test) throws SQLException {
        for (String project : test.rows("SELECT project_id FROM control.project WHERE project_id <> 'shop'")) {
            test.succeed(test.plane.projects().delete(CALLER, project, true));
        }
        for (String branch : test.rows(
                "SELECT branch_id FROM control.branch WHERE branch_id <> 'production' ORDER BY create_time DESC")) {
            test.succeed(test.plane.branches().delete(CALLER, SHOP, branch, true));
        }
        for (String database : databases(test)) {
            if (database.startsWith("extra=")) {
                test.succeed(test.plane.databases().delete(CALLER, SHOP, PRODUCTION, "extra"));
            }
        }
        for (String role : roles(test)) {
            if (List.of("keeper", "heir").contains(role)) {
                test.succeed(test.plane.roles().delete(CALLER, SHOP, PRODUCTION, role, Optional.empty()));
            }
        }
        test.execute(PRODUCTION, "DELETE FROM t WHERE v <> 1");
        asSuperuser(test, """
                DO $$ BEGIN
                    IF EXISTS (SELECT FROM pg_subscription) THEN
                        ALTER SUBSCRIPTION s SET (slot_name = NONE);
                        DROP SUBSCRIPTION s;
                    END IF;
                END $$
                """);
    }

    private static void makeOther(TestPlane test) {
        test.succeed(test.plane.projects().create(CALLER, OTHER, PLAIN));
        test.succeed(test.plane.branches().create(CALLER, OTHER, WORK, branchAt(new Moment.Now()), false));
    }

    private static NewBranch branchAt(Moment moment) {
        return new NewBranch(Optional.empty(), moment, false, new Expiration.Never());
    }

    static void create(TestPlane test, String branch, Moment moment) {
        test.succeed(test.plane.branches().create(CALLER, SHOP, branch, branchAt(moment), false));
    }

    private static boolean exists(TestPlane test, String project) {
        return !test.rows(
                        "SELECT uid FROM control.project WHERE delete_time IS NULL AND project_id = '" + project + "'")
                .isEmpty();
    }

    static List<String> branches(TestPlane test) {
        return test.rows("SELECT branch_id FROM control.branch JOIN control.project p ON p.uid = project_uid "
                + "WHERE branch.delete_time IS NULL AND project_id = 'shop'");
    }

    static String content(TestPlane test, String branch) throws SQLException {
        return test.query(branch, "SELECT string_agg(v::text, ' ' ORDER BY v) FROM t");
    }

    static void insert(TestPlane test, String branch, int value) throws SQLException {
        test.execute(branch, "INSERT INTO t VALUES (" + value + ")");
    }

    private static Instant now(TestPlane test, String branch) throws SQLException {
        return Instant.parse(test.query(branch, "SELECT to_json(clock_timestamp())#>>'{}'"));
    }

    private static void awaitHistory(TestPlane test, String branch) {
        TestWait.until(
                () -> !test.plane.insight().history(SHOP, branch).snapshots().isEmpty());
    }

    private static void makeRole(TestPlane test, String role) {
        NewRole wanted = new NewRole(
                Optional.of(role),
                Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                Optional.empty(),
                List.of(),
                new Role.Attributes(true, false, false));
        test.succeed(test.plane.roles().create(CALLER, SHOP, PRODUCTION, role, wanted, true));
    }

    private static List<String> roles(TestPlane test) {
        return test.plane.roles().list(SHOP, PRODUCTION, 100, Optional.empty()).items().stream()
                .map(Role::roleId)
                .toList();
    }

    /** As {@code id=name of owner}. */
    private static List<String> databases(TestPlane test) {
        return test.plane.databases().list(SHOP, PRODUCTION, 100, Optional.empty()).items().stream()
                .map(database -> database.databaseId() + "=" + database.postgresDatabase() + " of "
                        + database.owner().id().orElseThrow())
                .toList();
    }

    /** The names that the cluster itself has on record. */
    private static String ofRecord(TestPlane test, String kind) throws SQLException {
        return asSuperuser(
                test,
                BranchSessions.HOME,
                "SELECT coalesce(string_agg(name, ' '), '') FROM espalier.resource WHERE kind = '" + kind + "'");
    }

    private static void asSuperuser(TestPlane test, String sql) throws SQLException {
        String _ = asSuperuser(test, "databricks_postgres", sql);
    }

    /** The first value, where there is one. */
    private static String asSuperuser(TestPlane test, String database, String sql) throws SQLException {
        test.query(PRODUCTION, "SELECT 1");
        String uid =
                test.plane.endpoints().get(SHOP, PRODUCTION, Endpoint.PRIMARY).uid();
        try (var session = test.engine.connect(uid, database);
                var statement = session.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            var rows = statement.getResultSet();
            return rows.next() ? rows.getString(1) : "";
        }
    }

    void prepareRestore(TestPlane test, String branch) throws SQLException {
        awaitHistory(test, branch);
        insert(test, branch, 3);
        moment = now(test, branch);
        insert(test, branch, 4);
    }

    void restore(TestPlane test, String branch) {
        test.succeed(test.plane.branches().restore(CALLER, SHOP, branch, new Moment.At(moment), Optional.of(KEPT)));
    }

    static void checkRestore(TestPlane test, String branch) throws SQLException {
        if (branches(test).contains(KEPT)) {
            assertThat(content(test, branch)).isIn("1 3", "1 3 " + OF_A_USER);
            assertThat(content(test, KEPT)).isEqualTo("1 3 4");
        } else {
            assertThat(content(test, branch)).isEqualTo("1 3 4");
        }
    }
}
