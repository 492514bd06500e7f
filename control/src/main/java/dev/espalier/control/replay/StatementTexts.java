package dev.espalier.control.replay;

import dev.espalier.control.admission.Sight;
import java.util.Optional;

/** Reads the texts of statements as the gateway does. */
public interface StatementTexts {

    /** What stands against running the text again, as far as it can be read from it; empty if it is one statement that reads. */
    Optional<Obstacle> obstacle(String text);

    /** What the gateway sends to the server for one who sees the database so. */
    String sent(String text, Sight sight);
}
