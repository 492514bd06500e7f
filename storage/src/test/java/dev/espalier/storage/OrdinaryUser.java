package dev.espalier.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** A program that goes through a volume's life and tells what it sees; tests run it as a user who is not root. */
final class OrdinaryUser {

    private static final VolumeName A = new VolumeName("a");
    private static final VolumeName B = new VolumeName("b");

    private OrdinaryUser() {}

    public static void main(String[] arguments) throws IOException {
        Backends backends = new Backends(Path.of(arguments[0]), Owner.ofThisProcess());
        for (Assessment assessment : backends.probe()) {
            System.out.println(assessment.backend() + (assessment.available() ? " available: " : " unavailable: ")
                    + assessment.reason() + ". " + assessment.fix());
        }
        Backend chosen = backends.choose();
        System.out.println("chosen " + chosen);
        VolumeStore store = backends.open(chosen);
        Path a = store.create(A);
        Files.createDirectories(a.resolve("base/1"));
        Files.writeString(a.resolve("base/1/16384"), "content");
        store.freeze(A);
        Path b = store.fork(A, B, Set.of());
        System.out.println("fork has " + Files.readString(b.resolve("base/1/16384")));
        System.out.println("exclusive bytes of the fork: " + store.exclusiveBytes(Set.of(B)));
        store.delete(B);
        store.delete(A);
        System.out.println("volumes left: " + store.list());
    }
}
