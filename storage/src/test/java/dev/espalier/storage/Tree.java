package dev.espalier.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** Describes a directory tree so that two can be compared and a difference can be read. */
final class Tree {

    private Tree() {}

    /** Relative path to kind, mode, owner, time and content. Allocated blocks are not told: copies may differ in them. */
    static SortedMap<String, String> describe(Path root) {
        SortedMap<String, String> tree = new TreeMap<>();
        try (var paths = Files.walk(root)) {
            paths.forEach(path -> tree.put(root.relativize(path).toString(), describeOne(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tree;
    }

    private static String describeOne(Path path) {
        try {
            var status = Files.readAttributes(path, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            String content = Files.isSymbolicLink(path)
                    ? Files.readSymbolicLink(path).toString()
                    : Files.isRegularFile(path)
                            ? Files.size(path) + " bytes " + Arrays.hashCode(Files.readAllBytes(path))
                            : "";
            return "mode " + status.get("mode") + " " + status.get("uid") + ":" + status.get("gid") + " "
                    + status.get("lastModifiedTime") + " " + content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
