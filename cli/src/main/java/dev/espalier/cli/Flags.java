package dev.espalier.cli;

import java.util.List;
import java.util.Optional;

/**
 * What the API's names are on the command line. An error has the same words wherever it comes out; where they name fields,
 * the command adds what to write here.
 */
final class Flags {

    /** A name of the API, and what stands for it. */
    private record Flag(String field, String flag) {}

    /** A longer name before one that it begins with. */
    private static final List<Flag> ALL = List.of(
            new Flag("spec.is_protected=false", "espalier branches update BRANCH --no-protected"),
            new Flag("spec.is_protected", "--protected"),
            new Flag("spec.ttl", "--ttl"),
            new Flag("spec.expire_time", "--expire-time"),
            new Flag("spec.no_expiry", "--no-expiry"),
            new Flag("spec.source_branch_time", "--at"),
            new Flag("spec.source_branch_lsn", "--lsn"),
            new Flag("spec.source_branch", "--from"),
            new Flag("restore_time", "--at"),
            new Flag("restore_lsn", "--lsn"),
            new Flag("preserve_under", "--preserve-under"),
            new Flag("spec.default_branch", "espalier projects update PROJECT --default-branch"),
            new Flag("spec.display_name", "--display-name"),
            new Flag("spec.history_retention_duration", "--history-retention"),
            new Flag("spec.enable_pg_native_login", "--native-login"),
            new Flag("spec.custom_tags", "--tag"),
            new Flag("spec.pg_version", "--postgres"),
            new Flag("spec.disabled=false", "espalier endpoints update --no-disabled"),
            new Flag("spec.disabled", "--disabled"),
            new Flag("spec.activity_policy", "--activity"),
            new Flag("suspend_timeout_duration", "--suspend-after"),
            new Flag("no_suspension", "--no-suspension"),
            new Flag("spec.role", "--owner"),
            new Flag("purge=true", "--purge"));

    private Flags() {}

    /** One line about the names of the API in a message; empty when it has none. */
    static Optional<String> in(String message) {
        String rest = message;
        StringBuilder named = new StringBuilder();
        for (Flag flag : ALL) {
            if (rest.contains(flag.field())) {
                rest = rest.replace(flag.field(), "");
                named.append(named.isEmpty() ? "" : ", ")
                        .append(flag.field())
                        .append(" is ")
                        .append(flag.flag());
            }
        }
        return named.isEmpty() ? Optional.empty() : Optional.of("On the command line, " + named + ".");
    }
}
