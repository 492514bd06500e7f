package dev.espalier.control.setting;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.storage.VolumeName;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The settings of PostgreSQL that a user may give to an endpoint. A list of what is allowed, because a setting that runs a
 * program, loads a library or weakens durability must never slip through when a new version brings one. Neither does the language of
 * messages: which of their words quote a statement's secret is known of English alone.
 */
public final class PgSettings {

    private static final Set<String> ALLOWED = Set.of(
            "work_mem",
            "maintenance_work_mem",
            "hash_mem_multiplier",
            "temp_buffers",
            "temp_file_limit",
            "random_page_cost",
            "seq_page_cost",
            "cpu_tuple_cost",
            "cpu_index_tuple_cost",
            "cpu_operator_cost",
            "effective_io_concurrency",
            "default_statistics_target",
            "from_collapse_limit",
            "join_collapse_limit",
            "geqo",
            "geqo_threshold",
            "jit",
            "plan_cache_mode",
            "cursor_tuple_fraction",
            "max_parallel_workers_per_gather",
            "max_parallel_workers",
            "max_parallel_maintenance_workers",
            "parallel_setup_cost",
            "parallel_tuple_cost",
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
            "idle_session_timeout",
            "transaction_timeout",
            "deadlock_timeout",
            "timezone",
            "datestyle",
            "intervalstyle",
            "extra_float_digits",
            "bytea_output",
            "search_path",
            "default_transaction_isolation",
            "default_transaction_read_only",
            "default_toast_compression",
            "default_text_search_config",
            "lc_monetary",
            "lc_numeric",
            "lc_time",
            "track_functions",
            "track_io_timing",
            "track_activity_query_size",
            "autovacuum_naptime",
            "autovacuum_vacuum_threshold",
            "autovacuum_vacuum_scale_factor",
            "autovacuum_analyze_threshold",
            "autovacuum_analyze_scale_factor",
            "autovacuum_vacuum_insert_threshold",
            "autovacuum_vacuum_insert_scale_factor",
            "autovacuum_vacuum_cost_delay",
            "autovacuum_vacuum_cost_limit",
            "autovacuum_max_workers",
            "gin_fuzzy_search_limit",
            "xmlbinary",
            "xmloption",
            "standard_conforming_strings",
            "synchronize_seqscans",
            "row_security",
            "enable_seqscan",
            "enable_indexscan",
            "enable_bitmapscan",
            "enable_hashjoin",
            "enable_mergejoin",
            "enable_nestloop",
            "enable_partition_pruning",
            "enable_partitionwise_join",
            "enable_partitionwise_aggregate");

    private static final int LONGEST_VALUE = 1000;

    private PgSettings() {}

    /**
     * Refuses what a server on the volume would not start with.
     *
     * @param major version of PostgreSQL
     */
    public static void refuseUnusable(Engine engine, Map<String, String> settings, VolumeName volume, int major) {
        engine.refusalOf(settings, volume, major).ifPresent(words -> {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "pg_settings cannot be used, as PostgreSQL says: " + words + ". Give a value that it takes.");
        });
    }

    /** Settings out of the control database, without those that were allowed when they were stored and are no more. */
    public static Map<String, String> stored(Map<String, String> settings) {
        Map<String, String> allowed = new HashMap<>(settings);
        allowed.keySet().retainAll(ALLOWED);
        return allowed;
    }

    static void check(Map<String, String> settings) {
        settings.forEach((name, value) -> {
            if (!ALLOWED.contains(name)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "pg_settings may not hold \"" + name
                                + "\". Settings that Espalier relies on, or that run programs or "
                                + "load libraries, cannot be given to an endpoint. Those that can are "
                                + ALLOWED.stream().sorted().collect(Collectors.joining(", ")) + ".");
            }
            if (value.length() > LONGEST_VALUE || value.chars().anyMatch(Character::isISOControl)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "the value of \"" + name + "\" in pg_settings has control characters or more than "
                                + LONGEST_VALUE + " characters. Write one line.");
            }
        });
    }
}
