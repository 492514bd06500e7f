package dev.espalier.storage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory as overlayfs would show it, read from its layers: a name of an upper layer hides the same name below, a
 * whiteout hides it without showing anything, and directories of one name are merged unless the upper one is opaque.
 * An ordinary directory is the case of one layer.
 *
 * <p>Layers must have been mounted with {@code redirect_dir=off,metacopy=off}; with these on, an upper layer refers to
 * names and content of the lower one in ways that are not resolved here.
 */
final class LayeredDirectory implements AutoCloseable {

    private static final String OPAQUE = "trusted.overlay.opaque";
    private static final String WHITEOUT = "trusted.overlay.whiteout";

    /** What the opaque attribute holds where the directory has whiteouts that are empty files with an attribute. */
    private static final int HAS_ATTRIBUTE_WHITEOUTS = 'x';

    private final List<Directory> layers;

    private LayeredDirectory(List<Directory> layers) {
        this.layers = layers;
    }

    /** An ordinary directory; closed with this. */
    static LayeredDirectory of(Directory directory) {
        return new LayeredDirectory(List.of(directory));
    }

    /** The merged view of two directories; both are closed with this. */
    static LayeredDirectory of(Directory upper, Directory lower) {
        return new LayeredDirectory(List.of(upper, lower));
    }

    /**
     * A visible name.
     *
     * @param name file name, a byte a character
     * @param status of the topmost file of that name
     * @param holders the layers to read it from: one for a file, several for a merged directory
     */
    record Entry(String name, FileStatus status, List<Directory> holders) {

        private Entry(String name, FileStatus status, Directory holder) {
            this(name, status, new ArrayList<>(List.of(holder)));
        }

        Directory holder() {
            return holders.getFirst();
        }

        /** The entry as a directory; empty if it has vanished meanwhile. */
        Optional<LayeredDirectory> open() {
            List<Directory> opened = new ArrayList<>();
            for (Directory holder : holders) {
                holder.child(name).ifPresent(opened::add);
            }
            return opened.isEmpty() ? Optional.empty() : Optional.of(new LayeredDirectory(opened));
        }
    }

    FileStatus status() {
        return layers.getFirst().asFile().status();
    }

    /** The visible names. Files that vanish while the directory is being read are left out. */
    List<Entry> entries() {
        Map<String, Optional<Entry>> found = new LinkedHashMap<>();
        for (Directory layer : layers) {
            boolean lowest = layer == layers.getLast();
            for (String name : layer.names()) {
                Optional<Entry> above = found.get(name);
                if (above == null) {
                    layer.status(name).ifPresent(status -> found.put(name, entry(layer, name, status, lowest)));
                } else if (above.isPresent()) {
                    mergeBelow(above.get(), layer);
                }
            }
        }
        return found.values().stream().flatMap(Optional::stream).toList();
    }

    private static Optional<Entry> entry(Directory layer, String name, FileStatus status, boolean lowest) {
        boolean hidden = !lowest && (status.isWhiteout() || isAttributeWhiteout(layer, name, status));
        return hidden ? Optional.empty() : Optional.of(new Entry(name, status, layer));
    }

    private static boolean isAttributeWhiteout(Directory layer, String name, FileStatus status) {
        return status.isRegularFile()
                && status.size() == 0
                && opaque(layer)
                        .filter(value -> value == HAS_ATTRIBUTE_WHITEOUTS)
                        .isPresent()
                && layer.read(name)
                        .map(file -> {
                            try (file) {
                                return file.attribute(WHITEOUT).isPresent();
                            }
                        })
                        .orElse(false);
    }

    /** Lets a directory of the upper layer show the names of the lower one too, unless it is opaque. */
    private static void mergeBelow(Entry above, Directory layer) {
        Optional<Directory> directoryAbove =
                above.status().isDirectory() ? above.holder().child(above.name()) : Optional.empty();
        directoryAbove.ifPresent(directory -> {
            try (directory) {
                boolean opaque = opaque(directory).filter(value -> value == 'y').isPresent();
                boolean directoryBelow = layer.status(above.name())
                        .filter(FileStatus::isDirectory)
                        .isPresent();
                if (!opaque && directoryBelow) {
                    above.holders().add(layer);
                }
            }
        });
    }

    private static Optional<Integer> opaque(Directory directory) {
        return directory.asFile().attribute(OPAQUE);
    }

    @Override
    public void close() {
        layers.forEach(Directory::close);
    }
}
