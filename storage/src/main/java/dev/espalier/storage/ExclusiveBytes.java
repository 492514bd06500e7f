package dev.espalier.storage;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Counts the bytes that deleting a group of volumes would free: what its members hold, once, less what any other volume
 * holds too. File systems free whole extents only, so btrfs may give back a little less, and the rest when the last part
 * of an extent is deleted.
 *
 * <p>What frozen volumes hold is remembered while memory allows. If the file system moves their files (btrfs balance), the
 * figures are wrong until the process is restarted.
 */
final class ExclusiveBytes {

    private final Predicate<VolumeName> isFrozen;
    private final Function<VolumeName, Occupied> measure;
    private final Function<Path, Occupied> measureBeside;
    private final Map<VolumeName, SoftReference<Occupied>> remembered = new ConcurrentHashMap<>();

    private ExclusiveBytes(
            Predicate<VolumeName> isFrozen,
            Function<VolumeName, Occupied> measure,
            Function<Path, Occupied> measureBeside) {
        this.isFrozen = isFrozen;
        this.measure = measure;
        this.measureBeside = measureBeside;
    }

    /**
     * For volumes that share blocks.
     *
     * @param files where a volume's own files lie
     */
    static ExclusiveBytes byExtents(Predicate<VolumeName> isFrozen, Function<VolumeName, Path> files) {
        return new ExclusiveBytes(
                isFrozen,
                name -> Occupied.byExtents(files.apply(name), isFrozen.test(name)),
                directory -> Occupied.byExtents(directory, false));
    }

    /** For volumes that share nothing. */
    static ExclusiveBytes byBlocks(Function<VolumeName, Path> files) {
        return new ExclusiveBytes(name -> false, name -> Occupied.byBlocks(files.apply(name)), Occupied::byBlocks);
    }

    long of(Set<VolumeName> group, Set<VolumeName> all) {
        long alone = 0;
        Extents.Collector held = new Extents.Collector();
        for (VolumeName member : group) {
            Occupied occupied = occupied(member);
            alone += occupied.alone();
            held.addAll(occupied.perhapsShared());
        }
        Extents exclusive = held.extents();
        for (VolumeName other : frozenFirst(group, all)) {
            if (exclusive.isEmpty()) {
                break;
            }
            exclusive = exclusive.minus(occupied(other).perhapsShared());
        }
        return alone + exclusive.bytes();
    }

    long beside(Path directory, Set<VolumeName> group) {
        Occupied there = measureBeside.apply(directory);
        Extents extents = there.perhapsShared();
        for (VolumeName member : group) {
            if (extents.isEmpty()) {
                break;
            }
            extents = extents.minus(occupied(member).perhapsShared());
        }
        return there.alone() + extents.bytes();
    }

    /** The frozen ones cost nothing once remembered, and often hold all there is to subtract. */
    private List<VolumeName> frozenFirst(Set<VolumeName> group, Set<VolumeName> all) {
        return all.stream()
                .filter(name -> !group.contains(name))
                .sorted(Comparator.comparing(isFrozen::test).reversed())
                .toList();
    }

    private Occupied occupied(VolumeName name) {
        if (!isFrozen.test(name)) {
            return measure.apply(name);
        }
        SoftReference<Occupied> reference = remembered.get(name);
        Occupied known = reference == null ? null : reference.get();
        if (known == null) {
            known = measure.apply(name);
            remembered.put(name, new SoftReference<>(known));
        }
        return known;
    }

    /** The volume is about to be removed; another may get its name. */
    void forget(VolumeName name) {
        remembered.remove(name);
    }
}
