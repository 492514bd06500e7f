package dev.espalier.postgres;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings that Espalier gives to a server on its command line, where neither a file in the data directory nor SQL
 * can undo them: {@code ALTER SYSTEM} and {@code postgresql.auto.conf} rank below the command line, and the settings that
 * matter for safety can only be set there or in files.
 */
public final class ServerSettings {

    /** What a crash of the machine may cost. */
    public enum Durability {
        /** Nothing that was acknowledged: fsync on. */
        DURABLE,
        /** The branch: fsync off. A crash of PostgreSQL or Espalier alone still costs nothing. */
        DISPOSABLE
    }

    private final Map<String, String> values = new LinkedHashMap<>();

    private ServerSettings() {}

    /**
     * The settings of a branch's server.
     *
     * @param name shown in the process list
     * @param size memory and connections
     * @param archiveCommand stores a finished segment of the write-ahead log
     */
    public static ServerSettings of(
            PostgresInstallation installation,
            String name,
            Durability durability,
            ServerSize size,
            String archiveCommand) {
        ServerSettings settings = new ServerSettings();
        boolean durable = durability == Durability.DURABLE;
        settings.set("cluster_name", name)
                .set("listen_addresses", "")
                .set("port", "5432")
                .set("logging_collector", "off")
                .set("log_destination", "stderr")
                // A statement that failed may hold a secret; the gateway's history has its text without.
                .set("log_min_error_statement", "panic")
                .set("log_line_prefix", ServerLog.LINE_PREFIX)
                .set("fsync", durable ? "on" : "off")
                // Always on: a branch is itself branched and rewound while it is written.
                .set("full_page_writes", "on")
                .set("recovery_init_sync_method", "syncfs")
                .set("wal_level", durable ? "logical" : "replica")
                .set("archive_mode", "on")
                .set("archive_command", archiveCommand)
                .set("archive_timeout", "0")
                // Replicas, and mirrors: while one copies, each of its databases takes three.
                .set("max_wal_senders", "16")
                // The same everywhere: a copy or a replica with less than its original does not start.
                .set("max_prepared_transactions", "16")
                .set("max_locks_per_transaction", "64")
                // PostgreSQL's default for the user, and some for Espalier's own copies.
                .set("max_replication_slots", "16")
                // On copy-on-write storage a recycled or zeroed segment is only written twice.
                .set("wal_init_zero", "off")
                .set("wal_recycle", "off")
                .set("min_wal_size", "32MB")
                .set("huge_pages", "off")
                .set("max_connections", Integer.toString(size.maxConnections()))
                .set("shared_buffers", size.sharedBuffersMb() + "MB")
                .set("effective_cache_size", size.effectiveCacheMb() + "MB")
                .set("shared_preload_libraries", "");
        if (!durable) {
            // A copy must not go on consuming what its original subscribed to.
            settings.set("max_logical_replication_workers", "0")
                    // Its table is filled when the server starts: with the default of 64 it is 3 MiB of an idle server.
                    .set("max_pred_locks_per_transaction", "16");
            if (installation.major() >= 18) {
                settings.set("io_method", "sync").set("io_max_concurrency", "1");
            }
        }
        if (installation.major() >= 17) {
            settings.set("allow_alter_system", "off");
        }
        return settings;
    }

    /** Sets or replaces one. */
    public ServerSettings set(String name, String value) {
        values.put(name, value);
        return this;
    }

    public Map<String, String> values() {
        return Map.copyOf(values);
    }
}
