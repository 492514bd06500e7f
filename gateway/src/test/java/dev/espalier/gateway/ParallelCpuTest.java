package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.UnixSockets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The CPU of parallel workers counts for the statement that they work for. */
class ParallelCpuTest extends GatewayTest {

    /** The kernel's ticks, and what the server does by itself meanwhile. */
    private static final long SLACK_NANOS = 60_000_000L;

    /** Who looks after the workers may be kept from its last look by those very workers, but not each time. */
    @Test
    void aStatementsCpuIsNearlyAllThatTheKernelCountsForTheServer() throws Exception {
        boolean nearlyAll = false;
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE numbers AS SELECT n FROM generate_series(1, 1500000) AS n");
            statement.execute("ANALYZE numbers");
            statement.execute("""
                    SET max_parallel_workers_per_gather = 2; SET min_parallel_table_scan_size = 0;
                    SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET parallel_leader_participation = off""");
            for (int run = 0; run < 5 && !nearlyAll; run++) {
                long before = postgres.cpuNanos();
                assertThat(planOfParallelCount(statement)).contains("Workers Launched: 2");
                long kernel = postgres.cpuNanos() - before;
                long counted = statements().stream()
                        .filter(record -> record.text().startsWith("EXPLAIN"))
                        .toList()
                        .getLast()
                        .cpuNanos();
                System.out.println("of " + kernel / 1_000_000 + " ms of CPU the statement has " + counted / 1_000_000);
                assertThat(kernel).isGreaterThan(300_000_000L);
                assertThat(counted).isLessThan(kernel + SLACK_NANOS);
                nearlyAll = counted > kernel * 8 / 10 - SLACK_NANOS;
            }
            statement.execute("DROP TABLE numbers");
        }
        assertThat(nearlyAll).isTrue();
    }

    private static String planOfParallelCount(Statement statement) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (ResultSet rows = statement.executeQuery(
                "EXPLAIN (ANALYZE, COSTS off) SELECT count(*) FROM numbers WHERE md5(md5(n::text)) > 'x'")) {
            while (rows.next()) {
                plan.append(rows.getString(1)).append('\n');
            }
        }
        return plan.toString();
    }

    @Test
    void aSessionThatCallsItselfAWorkerIsNone() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            int backend;
            try (ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()")) {
                rows.next();
                backend = rows.getInt(1);
            }
            String name = "parallel worker for PID " + backend;
            postgres.execute("postgres", "CREATE ROLE \"" + name + "\" LOGIN");
            CompletableFuture<Void> impostor = CompletableFuture.runAsync(() -> {
                try (Connection own = UnixSockets.dataSource(postgres.socketDirectory(), "catalog", name)
                                .getConnection();
                        Statement busy = own.createStatement()) {
                    busy.executeQuery("SELECT count(*) FROM generate_series(1, 3000000) AS n WHERE md5(n::text) > 'x'")
                            .close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            statement.executeQuery("SELECT pg_sleep(0.5)").close();
            impostor.join();
            postgres.execute("postgres", "DROP ROLE \"" + name + "\"");
        }
        StatementRecord asleep = statements().stream()
                .filter(record -> record.text().contains("pg_sleep"))
                .findFirst()
                .orElseThrow();
        assertThat(asleep.cpuNanos()).isLessThan(100_000_000L);
    }
}
