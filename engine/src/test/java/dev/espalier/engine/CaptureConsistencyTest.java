package dev.espalier.engine;

import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A few rounds; {@link CaptureConsistencyHeavyTest} has many. */
class CaptureConsistencyTest {

    private static final int ACCOUNTS = 10_000;

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aCopyOfABusyClusterIsOneMomentOfIt(Backend backend) throws SQLException {
        try (Captures captures = new Captures(backend, ACCOUNTS)) {
            for (Durability durability : Durability.values()) {
                captures.forks(durability, 2);
                captures.rewinds(durability, 1, 1);
            }
        }
    }
}
