package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.BranchStorage;

/** What a branch occupies. */
public record StorageResource(
        @JsonPropertyDescription("What deleting the branch with its history would free.")
        long exclusiveBytes,

        @JsonPropertyDescription("The archived write-ahead log's part in that.")
        long historyBytes,

        int snapshotCount,
        @JsonPropertyDescription("Name of its volume.") String volume) {

    static StorageResource of(BranchStorage storage) {
        return new StorageResource(
                storage.exclusiveBytes(), storage.historyBytes(), storage.snapshots(), storage.volume());
    }
}
