package dev.espalier.schema.ddl;

import java.util.List;

/** How an object becomes another one of the same name. */
sealed interface Alteration {

    /** By statements that keep what it holds. */
    record InPlace(List<String> statements, List<String> warnings) implements Alteration {
        InPlace(List<String> statements) {
            this(statements, List.of());
        }
    }

    /** By dropping and making it again. */
    record Replace(List<String> warnings) implements Alteration {
        Replace() {
            this(List.of());
        }
    }

    /** Not without losing what it holds, so not at all. */
    record Impossible(String reason) implements Alteration {}
}
