package dev.espalier.server;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Every setting there is: its key, its default, and what it means. docs/settings.md is made to say the same. */
enum Setting {
    HTTP_HOST(
            "http.host", "127.0.0.1", "address that the API listens on; anything but loopback opens it to the network"),
    HTTP_PORT("http.port", "8400", "port that the API listens on"),
    GATEWAY_HOST(
            "gateway.host",
            "127.0.0.1",
            "address that the gateway listens on for PostgreSQL clients; anything but loopback opens it to the network"),
    GATEWAY_PORT("gateway.port", "5400", "port that the gateway listens on"),
    GATEWAY_CERTIFICATE(
            "gateway.certificate",
            "",
            "PEM file with the certificate chain for TLS; empty: one of its own, made at the first start"),
    GATEWAY_KEY("gateway.key", "", "PEM file with the private key of gateway.certificate, in PKCS #8"),
    GATEWAY_CONNECTIONS_PER_PRINCIPAL(
            "gateway.connections_per_principal", "100", "most sessions of one principal at a time"),
    GATEWAY_CONNECTIONS_PER_ENDPOINT(
            "gateway.connections_per_endpoint", "400", "most sessions on one endpoint at a time"),
    GATEWAY_IDLE_TIMEOUT("gateway.idle_timeout", "0s", "after which a session that runs nothing is ended; 0s: never"),
    JOURNAL_MODE(
            "journal.mode",
            "strict",
            "strict: what cannot be recorded is refused before it runs, and what had begun before is not confirmed; available: it goes"
                    + " on. In both the gap is recorded, and what is recorded is on the disk within 100 ms: that much a power cut can lose, a killed process nothing"),
    JOURNAL_HISTORY_RETENTION(
            "journal.history_retention", "30d", "how long statements are kept in system.query.history"),
    JOURNAL_AUDIT_RETENTION("journal.audit_retention", "365d", "how long events are kept in system.access.audit"),
    IDENTITY_ISSUERS(
            "identity.issuers",
            "",
            "OIDC issuers whose tokens are accepted besides Espalier's own, separated by commas: URL audience=NAME, and, "
                    + "where wanted, claim=NAME client=ID algorithms=RS256+ES256"),
    JOURNAL_USAGE_RETENTION("journal.usage_retention", "365d", "how long usage is kept in system.billing.usage"),
    BILLING_INTERVAL(
            "billing.interval",
            "1m",
            "usage is recorded once in each, from 1s to 1h, of which a day is a whole number; longer makes fewer rows"),
    DATA_DIRECTORY(
            "data.directory",
            "",
            "directory for volumes, servers and the control database; empty: data in the home, or, where PostgreSQL's user "
                    + "cannot get there at the first start, a directory in /var/lib/espalier"),
    STORAGE_BACKEND(
            "storage.backend",
            "auto",
            "auto, btrfs, overlay, reflink or copy; auto takes the best there is at the first start"),
    STORAGE_IMAGE_SIZE(
            "storage.image_size",
            "auto",
            "size of the btrfs image, should one be made: auto, or 256MB and more, for instance 200GB"),
    POSTGRES_INSTALLATIONS(
            "postgres.installations", "", "directories above bin/postgres, separated by commas, besides those found"),
    POSTGRES_SYSTEM_USER("postgres.system_user", "espalier", "user that PostgreSQL runs as when Espalier is root"),
    POSTGRES_PRELOAD_LIBRARIES(
            "postgres.preload_libraries", "", "libraries that PostgreSQL loads at its start, separated by commas"),
    CONTROL_URL(
            "control.url",
            "",
            "JDBC URL of the control database, which must have the encoding UTF8; empty: Espalier runs one itself"),
    CONTROL_USER("control.user", "", "user for control.url, who may CREATE in that database and in its schema public"),
    CONTROL_PASSWORD_FILE("control.password_file", "", "file that holds the password for control.url"),
    BRANCHES_UNDELETE_WINDOW("branches.undelete_window", "7d", "how long what was deleted can be brought back"),
    HISTORY_SNAPSHOT_EVERY(
            "history.snapshot_every",
            "32MB",
            "write-ahead log after which a branch gets another snapshot, 16MB to 1GB"),
    API_CALL_RETENTION("api.call_retention", "365d", "how long calls of the API are remembered");

    private final String key;
    private final String defaultValue;
    private final String meaning;

    Setting(String key, String defaultValue, String meaning) {
        this.key = key;
        this.defaultValue = defaultValue;
        this.meaning = meaning;
    }

    String key() {
        return key;
    }

    String defaultValue() {
        return defaultValue;
    }

    String meaning() {
        return meaning;
    }

    /** Name of the environment variable that stands for it. */
    String variable() {
        return "ESPALIER_" + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    static Optional<Setting> ofVariable(String variable) {
        return Arrays.stream(values())
                .filter(setting -> setting.variable().equals(variable))
                .findFirst();
    }
}
