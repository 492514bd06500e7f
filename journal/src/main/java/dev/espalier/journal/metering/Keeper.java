package dev.espalier.journal.metering;

import dev.espalier.journal.UsageEvent;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has records kept, and knows why they are not. One that cannot be kept now is no reason not to go on to the next. */
final class Keeper {

    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    private final Consumer<UsageEvent> records;

    private volatile Optional<String> obstacle = Optional.empty();

    Keeper(Consumer<UsageEvent> records) {
        this.records = records;
    }

    Optional<String> obstacle() {
        return obstacle;
    }

    /** Whether the record is kept. */
    boolean keep(UsageEvent record) {
        try {
            records.accept(record);
        } catch (RuntimeException e) {
            if (obstacle.isEmpty()) {
                LOG.warn(
                        "usage is not recorded at the moment, and goes with the next that can be: {}",
                        e.getMessage(),
                        e);
            }
            obstacle = Optional.of(
                    "usage is not recorded at the moment, and goes with the next that can be: " + e.getMessage());
            return false;
        }
        if (obstacle.isPresent()) {
            LOG.info("usage is recorded again");
            obstacle = Optional.empty();
        }
        return true;
    }
}
