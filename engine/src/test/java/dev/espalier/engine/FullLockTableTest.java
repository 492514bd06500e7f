package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.VolumeName;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nobody keeps a server from being signed in to by locks that outlive it. */
class FullLockTableTest {

    private static final String FILLS = """
            BEGIN;
            SELECT txid_current();
            DO $$
            DECLARE
                n integer := 1;
                step integer := 500;
            BEGIN
                WHILE step > 0 LOOP
                    BEGIN
                        PERFORM pg_advisory_xact_lock(g) FROM generate_series(n, n + step - 1) g;
                        n := n + step;
                    EXCEPTION WHEN out_of_memory THEN
                        step := step / 2;
                    END;
                END LOOP;
            END $$;
            PREPARE TRANSACTION 'full'""";

    private static final String PREPARED = "SELECT coalesce(string_agg(gid, ','), '') FROM pg_prepared_xacts";

    private static final String WORKERS = "SELECT setting FROM pg_settings WHERE name ~ '^autovacuum_worker_slots$'";

    @Test
    void aServerWhoseTableOfLocksIsFullOfPreparedOnesIsThereAgainWithoutThem() throws SQLException {
        try (TestEngine test = new TestEngine(Backend.COPY)) {
            VolumeName original = test.initialise("original", TestEngine.MAJOR);
            test.start(original, Durability.DURABLE);
            String workers = test.query(original, WORKERS);
            test.execute(original, "BEGIN; SELECT txid_current(); PREPARE TRANSACTION 'little'");
            test.execute(original, FILLS);

            test.stop(original);
            test.start(original, Durability.DURABLE);
            assertThat(test.query(original, PREPARED)).isEqualTo("little");
            assertThat(test.query(original, WORKERS)).isEqualTo(workers);

            test.execute(original, FILLS);
            test.stop(original);
            VolumeName copy = new VolumeName("copy");
            test.engine.fork(test.cluster(original), TestEngine.MAJOR, copy, Optional.empty());
            test.startCopy(copy, Optional.empty());
            assertThat(test.query(copy, PREPARED)).isEqualTo("little");
        }
    }
}
