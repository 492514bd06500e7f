package dev.espalier.storage;

import java.util.Set;

/**
 * Copies a tree of directories, regular files and symbolic links with their owners, permissions and times. Files that
 * vanish meanwhile are skipped, as a running PostgreSQL removes files at any time; sockets and devices are left out.
 *
 * <p>What belongs to a running server and must not be found by another is left out too: {@code postmaster.pid} and
 * {@code postmaster.opts} at the top, and the content of {@code pgsql_tmp*} anywhere.
 */
final class TreeCopy {

    private static final Set<String> OF_THE_RUNNING_SERVER = Set.of("postmaster.pid", "postmaster.opts");
    private static final String TEMPORARY = "pgsql_tmp";

    private final FileCopier copier;

    TreeCopy(FileCopier copier) {
        this.copier = copier;
    }

    /**
     * Copies what is in {@code from} into {@code to}, an empty directory, and gives that the same owner and permissions.
     * When it returns, the copy survives a loss of power.
     *
     * @param without top-level names to leave out; directories among them are made, empty
     */
    void copy(LayeredDirectory from, Directory to, Set<String> without) {
        for (LayeredDirectory.Entry entry : from.entries()) {
            if (!OF_THE_RUNNING_SERVER.contains(entry.name())) {
                copyEntry(entry, to, without.contains(entry.name()));
            }
        }
        to.asFile().resemble(from.status());
        to.asFile().syncFileSystem();
    }

    /**
     * Puts a copy of a directory of {@code from} into the same place of {@code to}. The old one stays until the copy is
     * whole.
     */
    void replaceDirectory(LayeredDirectory from, String name, Directory to) {
        LayeredDirectory.Entry entry = from.entries().stream()
                .filter(candidate ->
                        candidate.name().equals(name) && candidate.status().isDirectory())
                .findFirst()
                .orElseThrow(() -> new StorageException("there is no directory " + name + " to copy to " + to.path()));
        String unfinished = "." + name + ".copying";
        to.remove(unfinished);
        try {
            copyDirectory(entry, to, unfinished, false);
        } catch (StorageException e) {
            throw Volumes.afterUndoing(e, () -> to.remove(unfinished));
        }
        to.remove(name);
        to.rename(unfinished, name);
        to.asFile().syncFileSystem();
    }

    private void copyEntry(LayeredDirectory.Entry entry, Directory to, boolean emptied) {
        boolean withoutContent = emptied || entry.name().startsWith(TEMPORARY);
        if (entry.status().isDirectory()) {
            copyDirectory(entry, to, entry.name(), withoutContent);
        } else if (withoutContent) {
            return;
        } else if (entry.status().isRegularFile()) {
            copyFile(entry, to);
        } else if (entry.status().isSymbolicLink()) {
            entry.holder()
                    .readLink(entry.name())
                    .ifPresent(content -> to.makeLink(entry.name(), content, entry.status()));
        }
    }

    private void copyDirectory(LayeredDirectory.Entry entry, Directory to, String name, boolean withoutContent) {
        entry.open().ifPresent(from -> {
            try (from;
                    Directory made = to.makeDirectory(name)) {
                if (!withoutContent) {
                    from.entries().forEach(child -> copyEntry(child, made, false));
                }
                made.asFile().resemble(entry.status());
            }
        });
    }

    private void copyFile(LayeredDirectory.Entry entry, Directory to) {
        entry.holder().read(entry.name()).ifPresent(from -> {
            try (from;
                    OpenFile made = to.makeFile(entry.name())) {
                copier.copy(from, made);
                made.resemble(entry.status());
            }
        });
    }
}
