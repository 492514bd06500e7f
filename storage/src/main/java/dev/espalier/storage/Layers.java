package dev.espalier.storage;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The writable layers of the volumes that are overlays, each in a directory of the volume's name, hidden in the store's
 * root:
 *
 * <pre>
 * .layers/NAME/lower   link to the frozen volume below, which thereby outlives the process and a reboot
 * .layers/NAME/upper   what the volume has changed
 * .layers/NAME/work    the kernel's, must lie beside upper
 * </pre>
 */
final class Layers {

    private static final String DIRECTORY = ".layers";
    private static final String LOWER = "lower";
    private static final String UPPER = "upper";
    private static final String WORK = "work";
    private static final String TO_VOLUMES = "../../";

    private final Path root;
    private final Path directory;
    private final Map<VolumeName, VolumeName> lowers = new ConcurrentHashMap<>();

    Layers(Path root) {
        this.root = root;
        this.directory = root.resolve(DIRECTORY);
        try (Directory parent = Directory.open(root)) {
            if (parent.status(DIRECTORY).isEmpty()) {
                parent.makeDirectory(DIRECTORY).close();
            }
            try (Directory all = Directory.open(directory)) {
                all.names().forEach(name -> load(parent, all, name));
            }
        }
    }

    /** Layers without a link or without a mount point are of a fork that was not finished, or not wholly deleted. */
    private void load(Directory root, Directory all, String name) {
        Optional<String> lower = all.child(name).flatMap(layers -> {
            try (layers) {
                return layers.readLink(LOWER);
            }
        });
        if (lower.isPresent() && root.status(name).isPresent()) {
            lowers.put(new VolumeName(name), new VolumeName(lower.get().substring(TO_VOLUMES.length())));
        } else {
            all.remove(name);
        }
    }

    /** The frozen volume below an overlay; empty if the volume is no overlay. */
    Optional<VolumeName> lowerOf(VolumeName name) {
        return Optional.ofNullable(lowers.get(name));
    }

    boolean isLower(VolumeName name) {
        return lowers.containsValue(name);
    }

    Path upper(VolumeName name) {
        return of(name).resolve(UPPER);
    }

    Path work(VolumeName name) {
        return of(name).resolve(WORK);
    }

    private Path of(VolumeName name) {
        return directory.resolve(name.value());
    }

    /** Makes the layers of a volume whose mount point is there. When it returns, both survive a loss of power. */
    void make(VolumeName name, VolumeName lower, FileStatus like) {
        try (Directory parent = Directory.open(root);
                Directory all = Directory.open(directory);
                Directory made = all.makeDirectory(name.value())) {
            lowers.put(name, lower);
            made.makeLink(LOWER, TO_VOLUMES + lower, like);
            made.makeDirectory(WORK).close();
            try (Directory upper = made.makeDirectory(UPPER)) {
                upper.asFile().resemble(like);
            }
            made.asFile().sync();
            all.asFile().sync();
            parent.asFile().sync();
        }
    }

    /** Removes the layers, the link last: while it is there, the lower volume is kept. */
    void remove(VolumeName name) {
        try (Directory all = Directory.open(directory)) {
            all.child(name.value()).ifPresent(layers -> {
                try (layers) {
                    layers.remove(UPPER);
                    layers.remove(WORK);
                    layers.remove(LOWER);
                }
            });
            all.remove(name.value());
        }
        lowers.remove(name);
    }
}
