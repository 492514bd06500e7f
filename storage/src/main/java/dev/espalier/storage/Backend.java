package dev.espalier.storage;

/** The ways to share blocks between volumes, best first: the first one available is chosen. */
public enum Backend {
    /** A btrfs subvolume for each volume; a fork is one atomic snapshot whose cost does not grow with the data. */
    BTRFS,
    /** An overlay mount whose lower and upper layers lie on one reflink file system; forks of frozen volumes are one mount. */
    OVERLAY,
    /** A directory for each volume; a fork clones every file's extents (XFS, btrfs). */
    REFLINK,
    /** A directory for each volume; a fork copies every byte. Works everywhere. */
    COPY
}
