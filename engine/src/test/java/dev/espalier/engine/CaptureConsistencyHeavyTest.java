package dev.espalier.engine;

import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** More data than the server's memory holds, so that its pages are written all the time, and many rounds. */
@Tag("heavy")
class CaptureConsistencyHeavyTest {

    private static final int ACCOUNTS = 400_000;

    @ParameterizedTest
    @EnumSource(Backend.class)
    void eachOfTwoHundredForksIsOneMoment(Backend backend) throws SQLException {
        try (Captures captures = new Captures(backend, ACCOUNTS)) {
            for (Durability durability : Durability.values()) {
                captures.forks(durability, 100);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void eachOfThreeHundredRewindsEndsWhereItShould(Backend backend) throws SQLException {
        try (Captures captures = new Captures(backend, ACCOUNTS)) {
            for (Durability durability : Durability.values()) {
                captures.rewinds(durability, 125, 25);
            }
        }
    }
}
