package dev.espalier.server;

import java.util.List;

/** The settings cannot be used; every problem is named, not only the first. */
final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SettingsException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
