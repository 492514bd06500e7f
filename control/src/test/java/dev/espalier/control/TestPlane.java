package dev.espalier.control;

import dev.espalier.control.admission.Governance;
import dev.espalier.control.request.Caller;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Layout;
import dev.espalier.engine.Steps;
import dev.espalier.identity.SignedStatements;
import dev.espalier.identity.SigningKeys;
import dev.espalier.journal.OpenUsage;
import dev.espalier.journal.UsageEvent;
import dev.espalier.journal.metering.UsageMeter;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Backends;
import dev.espalier.storage.Owner;
import dev.espalier.testing.TestInstallations;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

/** A control plane on real storage with real servers, in a directory of its own. */
final class TestPlane implements AutoCloseable {

    static final Caller CALLER = new Caller("tester", "test");
    static final NewProject PLAIN = new NewProject(
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            false,
            Optional.empty());

    final Path directory;
    final Engine engine;
    final ControlPlane plane;
    final TestAdmission admission = new TestAdmission();
    final SignedStatements statements;

    /** What the meter has recorded. */
    final List<UsageEvent> usage = new CopyOnWriteArrayList<>();

    /** The ends of operations as the audit is told of them. */
    final List<OperationEnd> ends = new CopyOnWriteArrayList<>();

    private final ControlDatabase database;

    private final class Witness implements Calls.Witness {
        @Override
        public void saw(Calls.Call call, Optional<String> operation, Map<String, String> parameters) {}

        @Override
        public void ended(OperationEnd end) {
            ends.add(end);
        }
    }

    /** Starts on a directory that may hold the state of an earlier one. */
    static TestPlane start(Path directory, Backend backend) {
        return new TestPlane(directory, backend, step -> {}, Clock.systemUTC());
    }

    TestPlane(Path directory, Backend backend, Steps steps, Clock clock) {
        this.directory = directory;
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        OsUser user = OsUser.forPostgres("espalier");
        Installations installations = TestInstallations.all();
        Backends backends = new Backends(directory, new Owner(user.uid(), user.gid()));
        Layout layout = new Layout(
                directory.resolve("volumes"),
                directory.resolve("volumes/.wal"),
                directory.resolve("run"),
                directory.resolve("log"),
                user);
        engine = new Engine(backends.open(backend), layout, installations, steps);
        database =
                ControlDatabase.embedded(directory.resolve("system"), installations.get(Installations.BUNDLED), user);
        statements = new SignedStatements(SigningKeys.inFile(directory.resolve("signing-key.json")));
        plane = new ControlPlane(
                database,
                engine,
                installations,
                new ControlSettings(List.of(), Duration.ofDays(7), 32 << 20, Duration.ofDays(30)),
                clock,
                new SystemStatus.Facts("test", directory.toString(), directory.toString(), backend.name(), "chosen"),
                new Witness(),
                new UsageMeter(usage::add, Duration.ofMinutes(1), new OpenUsage(directory.resolve("open-usage"))),
                new Governance(admission, admission, TestAdmission::functions, statements));
        plane.start("test");
    }

    /** Waits for the operation's end, which must be a success. */
    Operation succeed(Operation operation) {
        TestWait.until(() -> plane.operations().get(operation.uid()).done());
        Operation ended = plane.operations().get(operation.uid());
        if (ended.error().isPresent()) {
            throw new AssertionError(ended.toString());
        }
        return ended;
    }

    /** A session on the branch's read-write endpoint, as a role that has everything a user can have. */
    Connection connect(String branch, String database) throws SQLException {
        return connect("shop", branch, database);
    }

    private Connection connect(String project, String branch, String database) throws SQLException {
        return connectAs(CALLER.principal(), project, branch, database);
    }

    /** A session as the role. */
    Connection connectAs(String role, String branch, String database) throws SQLException {
        return connectAs(role, "shop", branch, database);
    }

    /** The same in another project. */
    Connection connectAs(String role, String project, String branch, String database) throws SQLException {
        Endpoint endpoint = plane.endpoints().get(project, branch, Endpoint.PRIMARY);
        plane.endpoints().wake(endpoint.uid());
        return UnixSockets.dataSource(endpoint.socketDirectory(), database, role)
                .getConnection();
    }

    String query(String branch, String sql) throws SQLException {
        return query("shop", branch, sql);
    }

    String query(String project, String branch, String sql) throws SQLException {
        try (Connection session = connect(project, branch, "databricks_postgres");
                var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    void execute(String branch, String sql) throws SQLException {
        try (Connection session = connect(branch, "databricks_postgres");
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows themselves, for what no service tells. */
    List<String> rows(String sql) {
        return database.jdbi()
                .withHandle(handle -> handle.select(sql).mapTo(String.class).list());
    }

    /** Changes the rows themselves, where a service would take too long. */
    void change(String sql) {
        database.jdbi().useHandle(handle -> handle.execute(sql));
    }

    /** A session on the control database. */
    Connection control() throws SQLException {
        return database.dataSource().getConnection();
    }

    @Override
    public void close() {
        plane.close();
        database.close();
    }

    /** As after a kill: nothing is told to stop in order. */
    static void stopLeftovers(Path directory) {
        RunningServers.stopAll(directory);
    }
}
