package dev.espalier.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;

/** Changes a directory tree at random, with few names so that the same name often comes back as something else. */
final class RandomChanges {

    private static final List<String> NAMES = List.of("a", "b", "c", "d");

    private final Random random;
    private final Path root;

    RandomChanges(Random random, Path root) {
        this.random = random;
        this.root = root;
    }

    void make(int changes) throws IOException {
        for (int i = 0; i < changes; i++) {
            change(somePath());
        }
    }

    /** A path whose parent is there, one to three names deep. */
    private Path somePath() {
        Path path = root.resolve(someName());
        while (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && random.nextInt(3) > 0) {
            path = path.resolve(someName());
        }
        return path;
    }

    private String someName() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private void change(Path path) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> remove(path);
            case 1, 2 -> {
                remove(path);
                Files.createDirectory(path);
            }
            case 3 -> {
                remove(path);
                Files.createSymbolicLink(path, Path.of(someName()));
            }
            case 4 -> renameFile(path);
            case 5 -> {
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(path)) {
                    Files.setPosixFilePermissions(
                            path, PosixFilePermissions.fromString(random.nextBoolean() ? "rwx------" : "rwxr-x---"));
                }
            }
            default -> {
                if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                        || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.writeString(
                            path,
                            "content " + random.nextInt(),
                            StandardOpenOption.CREATE,
                            random.nextBoolean() ? StandardOpenOption.APPEND : StandardOpenOption.WRITE);
                }
            }
        }
    }

    private void renameFile(Path path) throws IOException {
        Path target = path.resolveSibling(someName());
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && !target.equals(path)) {
            remove(target);
            Files.move(path, target);
        }
    }

    private static void remove(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (var children = Files.list(path)) {
                for (Path child : children.toList()) {
                    remove(child);
                }
            }
        }
        Files.deleteIfExists(path);
    }
}
