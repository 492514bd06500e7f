package dev.espalier.server;

import dev.espalier.identity.OidcIssuer;
import dev.espalier.journal.metering.UsageMeter;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The settings of one start, checked.
 *
 * @param text every setting as it was given, for showing
 */
record Settings(
        Path home,
        String httpHost,
        int httpPort,
        GatewayDoor gateway,
        JournalKeeping journal,
        List<OidcIssuer> issuers,
        Duration billingInterval,
        Optional<Path> dataDirectory,
        Optional<Backend> backend,
        OptionalLong imageBytes,
        List<Path> installations,
        String systemUser,
        List<String> preloadLibraries,
        Optional<ControlConnection> control,
        Duration undeleteWindow,
        long snapshotBytes,
        Duration callRetention,
        Map<Setting, String> text) {

    /** Where an external control database is. */
    record ControlConnection(String url, String user, Optional<Path> passwordFile) {}

    /**
     * Where the gateway listens, with which certificate (its own where none is given), and how many it lets in.
     *
     * @param idleTimeout zero for none
     */
    record GatewayDoor(
            String host,
            int port,
            Optional<Path> certificate,
            Optional<Path> key,
            int perPrincipal,
            int perEndpoint,
            Duration idleTimeout) {}

    /** @param strict whether a statement that cannot be recorded is refused */
    record JournalKeeping(boolean strict, Duration history, Duration audit, Duration usage) {}

    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,9})\\s*([a-zA-Z]+)");
    private static final Duration LONGEST_TIME = Duration.ofDays(36_500);
    private static final Map<String, Duration> TIMES = Map.of(
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final Map<String, Long> SIZES =
            Map.of("KB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30, "TB", 1L << 40);
    private static final long SMALLEST_STEP = 16L << 20;
    private static final long LARGEST_STEP = 1L << 30;

    /** mkfs.btrfs takes 109 MiB and more; the rest is room for a first branch. */
    private static final long SMALLEST_IMAGE = 256L << 20;

    private static final long LARGEST_IMAGE = 1L << 50;

    /** Checks all values; what is wrong is added to the problems, and the result is empty then. */
    static Optional<Settings> of(Path home, Map<Setting, String> text, List<String> problems) {
        Reader reader = new Reader(home, text, problems);
        int port = reader.port(Setting.HTTP_PORT);
        GatewayDoor gateway = reader.gateway();
        if (port != 0 && port == gateway.port()) {
            reader.wrong(Setting.GATEWAY_PORT, "another port than http.port has");
        }
        JournalKeeping journal = reader.journal();
        List<OidcIssuer> issuers = reader.issuers();
        Duration billing = reader.time(Setting.BILLING_INTERVAL);
        if (problems.isEmpty() && !UsageMeter.isPossible(billing)) {
            reader.wrong(Setting.BILLING_INTERVAL, "1s to 1h, as 1m, 5m or 1h");
        }
        Optional<Backend> backend = reader.backend();
        OptionalLong image = reader.get(Setting.STORAGE_IMAGE_SIZE).equals("auto")
                ? OptionalLong.empty()
                : OptionalLong.of(reader.size(
                        Setting.STORAGE_IMAGE_SIZE, SMALLEST_IMAGE, LARGEST_IMAGE, "256MB to 1024TB, as 64GB"));
        long step = reader.size(Setting.HISTORY_SNAPSHOT_EVERY, SMALLEST_STEP, LARGEST_STEP, "16MB to 1GB");
        Duration undelete = reader.time(Setting.BRANCHES_UNDELETE_WINDOW);
        Duration calls = reader.time(Setting.API_CALL_RETENTION);
        Optional<Path> dataDirectory =
                reader.paths(Setting.DATA_DIRECTORY).stream().findFirst();
        List<Path> installations = reader.paths(Setting.POSTGRES_INSTALLATIONS);
        Optional<ControlConnection> control = reader.control();
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Settings(
                home,
                reader.get(Setting.HTTP_HOST),
                port,
                gateway,
                journal,
                issuers,
                billing,
                dataDirectory,
                backend,
                image,
                installations,
                reader.get(Setting.POSTGRES_SYSTEM_USER),
                reader.list(Setting.POSTGRES_PRELOAD_LIBRARIES),
                control,
                undelete,
                step,
                calls,
                new EnumMap<>(text)));
    }

    /** The settings that differ from their defaults, for the log. */
    String changed() {
        return text.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(entry.getKey().defaultValue()))
                .map(entry -> entry.getKey().key() + "=" + shown(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String shown(Setting setting, String value) {
        return setting == Setting.CONTROL_URL ? withoutSecrets(value) : value;
    }

    /** A URL without its parameters and its user, among which there may be a password. */
    static String withoutSecrets(String url) {
        return url.replaceFirst("\\?.*", "").replaceFirst("//.*@", "//");
    }

    /** Reads values and collects what is wrong with them. */
    private record Reader(Path home, Map<Setting, String> text, List<String> problems) {

        String get(Setting setting) {
            return text.getOrDefault(setting, "").strip();
        }

        Optional<String> optional(Setting setting) {
            return Optional.of(get(setting)).filter(value -> !value.isEmpty());
        }

        void wrong(Setting setting, String wanted) {
            problems.add(setting.key() + "=\"" + shown(setting, get(setting)) + "\" cannot be used. Give " + wanted
                    + ": " + setting.meaning() + ".");
        }

        GatewayDoor gateway() {
            Optional<Path> certificate =
                    paths(Setting.GATEWAY_CERTIFICATE).stream().findFirst();
            Optional<Path> key = paths(Setting.GATEWAY_KEY).stream().findFirst();
            if (certificate.isPresent() != key.isPresent()) {
                wrong(
                        certificate.isPresent() ? Setting.GATEWAY_KEY : Setting.GATEWAY_CERTIFICATE,
                        "both gateway.certificate and gateway.key, or neither");
            }
            return new GatewayDoor(
                    get(Setting.GATEWAY_HOST),
                    port(Setting.GATEWAY_PORT),
                    certificate,
                    key,
                    count(Setting.GATEWAY_CONNECTIONS_PER_PRINCIPAL),
                    count(Setting.GATEWAY_CONNECTIONS_PER_ENDPOINT),
                    time(Setting.GATEWAY_IDLE_TIMEOUT));
        }

        int count(Setting setting) {
            String value = get(setting);
            if (value.matches("[1-9]\\d{0,5}")) {
                return Integer.parseInt(value);
            }
            wrong(setting, "a number from 1 to 999999");
            return 1;
        }

        JournalKeeping journal() {
            String mode = get(Setting.JOURNAL_MODE);
            if (!mode.equals("strict") && !mode.equals("available")) {
                wrong(Setting.JOURNAL_MODE, "strict or available");
            }
            return new JournalKeeping(
                    mode.equals("strict"),
                    time(Setting.JOURNAL_HISTORY_RETENTION),
                    time(Setting.JOURNAL_AUDIT_RETENTION),
                    time(Setting.JOURNAL_USAGE_RETENTION));
        }

        List<OidcIssuer> issuers() {
            return list(Setting.IDENTITY_ISSUERS).stream()
                    .flatMap(text -> issuer(text).stream())
                    .toList();
        }

        private Optional<OidcIssuer> issuer(String text) {
            try {
                return Optional.of(IssuerText.read(text));
            } catch (IllegalArgumentException e) {
                problems.add(Setting.IDENTITY_ISSUERS.key() + ": " + e.getMessage());
                return Optional.empty();
            }
        }

        int port(Setting setting) {
            String value = get(setting);
            if (value.matches("\\d{1,5}") && Integer.parseInt(value) <= 65535) {
                return Integer.parseInt(value);
            }
            wrong(setting, "a number from 0 to 65535");
            return 0;
        }

        Optional<Backend> backend() {
            String value = get(Setting.STORAGE_BACKEND).toUpperCase(Locale.ROOT);
            if (value.equals("AUTO")) {
                return Optional.empty();
            }
            Optional<Backend> backend = Arrays.stream(Backend.values())
                    .filter(candidate -> candidate.name().equals(value))
                    .findFirst();
            if (backend.isEmpty()) {
                wrong(Setting.STORAGE_BACKEND, "auto, btrfs, overlay, reflink or copy");
            }
            return backend;
        }

        Duration time(Setting setting) {
            Matcher matcher = AMOUNT.matcher(get(setting));
            Duration unit = matcher.matches() ? TIMES.get(matcher.group(2)) : null;
            if (unit == null) {
                wrong(setting, "a number with s, m, h or d, for instance 36h");
                return Duration.ZERO;
            }
            long count = Long.parseLong(matcher.group(1));
            if (count > LONGEST_TIME.dividedBy(unit)) {
                wrong(setting, "at most " + LONGEST_TIME.toDays() + "d");
                return Duration.ZERO;
            }
            return unit.multipliedBy(count);
        }

        /** @param range both ends, in words */
        long size(Setting setting, long smallest, long largest, String range) {
            Matcher matcher = AMOUNT.matcher(get(setting));
            Long unit = matcher.matches() ? SIZES.get(matcher.group(2).toUpperCase(Locale.ROOT)) : null;
            if (unit == null) {
                wrong(setting, "a number with KB, MB, GB or TB, for instance 64MB");
                return smallest;
            }
            long count = Long.parseLong(matcher.group(1));
            if (count > largest / unit || count * unit < smallest) {
                wrong(setting, range);
                return smallest;
            }
            return count * unit;
        }

        List<String> list(Setting setting) {
            return Arrays.stream(get(setting).split(","))
                    .map(String::strip)
                    .filter(item -> !item.isEmpty())
                    .toList();
        }

        /** Whole ones only: what a relative one stands for would depend on where the command is given. */
        List<Path> paths(Setting setting) {
            List<Path> paths = new ArrayList<>();
            for (String item : list(setting)) {
                Path path = Path.of(item);
                if (path.isAbsolute()) {
                    paths.add(path.normalize());
                } else {
                    wrong(
                            setting,
                            "the whole path, such as " + home.resolve(path).normalize());
                }
            }
            return paths;
        }

        Optional<ControlConnection> control() {
            Optional<String> url = optional(Setting.CONTROL_URL);
            if (url.filter(text -> !text.startsWith(POSTGRESQL)).isPresent()) {
                wrong(Setting.CONTROL_URL, "a URL that begins with " + POSTGRESQL);
            }
            Optional<Path> passwordFile =
                    paths(Setting.CONTROL_PASSWORD_FILE).stream().findFirst();
            return url.map(there -> new ControlConnection(there, get(Setting.CONTROL_USER), passwordFile));
        }
    }
}
