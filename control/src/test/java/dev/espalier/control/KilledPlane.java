package dev.espalier.control;

import dev.espalier.postgres.UnixSockets;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/** A process that begins a piece of work and dies at one step of it. */
final class KilledPlane {

    static final int KILLED = 137;

    /** Said when a commit of the user has been acknowledged. */
    static final String ACKNOWLEDGED = "acknowledged";

    private KilledPlane() {}

    /** @param arguments directory, backend, work, step, which time the step is reached */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        Work work = Work.valueOf(arguments[2]);
        String fatal = arguments[3];
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        TestPlane[] started = new TestPlane[1];
        try (TestPlane test = new TestPlane(
                directory,
                Backend.valueOf(arguments[1]),
                step -> {
                    if (step.equals(fatal) && left.decrementAndGet() == 0) {
                        if (step.equals("open.done")) {
                            write(started[0], work.branch());
                        }
                        Runtime.getRuntime().halt(KILLED);
                    }
                },
                Clock.systemUTC())) {
            started[0] = test;
            work.prepare(test);
            left.set(Integer.parseInt(arguments[4]));
            work.run(test);
            left.set(Integer.MAX_VALUE);
        }
    }

    /** As a user does who waits for the branch to let him in, and whose commit must not be lost then. */
    private static void write(TestPlane test, String branch) {
        for (String uid : test.engine.running()) {
            test.plane
                    .endpoints()
                    .getByUid(uid)
                    .filter(endpoint -> endpoint.branchId().equals(branch))
                    .ifPresent(endpoint -> TestWait.until(() -> {
                        try (var session = UnixSockets.dataSource(
                                                endpoint.socketDirectory(),
                                                "databricks_postgres",
                                                TestPlane.CALLER.principal())
                                        .getConnection();
                                var statement = session.createStatement()) {
                            statement.execute("INSERT INTO t VALUES (" + Work.OF_A_USER + ")");
                            System.out.println(ACKNOWLEDGED);
                            return true;
                        }
                    }));
        }
    }
}
