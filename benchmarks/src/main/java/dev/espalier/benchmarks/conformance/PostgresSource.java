package dev.espalier.benchmarks.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The tests of an installed PostgreSQL: its package has the programs that run them, the source of the very same version has
 * what they run. On Debian the source and the headers come by apt, into a directory of their own; nothing is installed.
 */
final class PostgresSource {

    private static final Pattern VERSION = Pattern.compile("PostgreSQL\\) (\\S+)(?: \\(Debian ([^)]+)\\))?");
    private static final List<String> CONTRIB = List.of("autoinc.so", "refint.so");

    private final Path installation;
    private final Path work;
    private final String version;
    private final Optional<String> debian;

    /**
     * @param installation above bin/postgres
     * @param work for what is fetched and made; PostgreSQL's user must get there
     */
    PostgresSource(Path installation, Path work) throws IOException {
        this.installation = installation;
        this.work = work;
        Process asked = new ProcessBuilder(installation.resolve("bin/postgres").toString(), "--version").start();
        String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher matcher = VERSION.matcher(answer);
        if (!matcher.find()) {
            throw new IOException("cannot tell the version of PostgreSQL from: " + answer);
        }
        this.version = matcher.group(1);
        this.debian = Optional.ofNullable(matcher.group(2));
    }

    String version() {
        return version;
    }

    /** The program that runs a suite. */
    Path runner(String suite) throws IOException {
        String name = suite.equals("regress") ? "pg_regress" : "pg_isolation_regress";
        for (Path library : List.of(installation.resolve("lib"), installation.resolve("lib/postgresql"))) {
            Path runner = library.resolve("pgxs/src/test").resolve(suite).resolve(name);
            if (Files.isExecutable(runner)) {
                return runner;
            }
        }
        throw new IOException("there is no " + name + " in " + installation
                + ". Install a PostgreSQL that has it (Debian: postgresql-15).");
    }

    /** src/test of the source; fetched where it is not there yet. */
    Path tests() throws IOException {
        Path tests = work.resolve("postgresql-" + version + "/src/test");
        if (!Files.isDirectory(tests)) {
            Path archive = fetchSource();
            Path unpacked = Files.createDirectories(work.resolve("unpacked"));
            run(unpacked, "tar", "-xf", archive.toString(), "postgresql-" + version + "/src/test");
            Files.move(unpacked.resolve("postgresql-" + version), work.resolve("postgresql-" + version));
        }
        return tests;
    }

    private Path fetchSource() throws IOException {
        String wanted = debian.orElseThrow(() -> new IOException("PostgreSQL " + version + " in " + installation
                + " is not Debian's. Unpack its source to " + work.resolve("postgresql-" + version) + "."));
        Path apt = Files.createDirectories(work.resolve("apt"));
        Path sources = Files.createDirectories(apt.resolve("sources"));
        Path lists = apt.resolve("lists");
        Files.createDirectories(lists.resolve("partial"));
        for (Path file : debianSources()) {
            String text = Files.readString(file);
            Files.writeString(
                    sources.resolve(file.getFileName()),
                    text.replaceAll("(?m)^Types:.*$", "Types: deb-src").replaceAll("(?m)^deb ", "deb-src "));
        }
        List<String> own = List.of(
                "-o",
                "Dir::Etc::SourceList=/dev/null",
                "-o",
                "Dir::Etc::SourceParts=" + sources,
                "-o",
                "Dir::State::Lists=" + lists);
        run(apt, aptGet(own, "update"));
        run(apt, aptGet(own, "source", "--download-only", "postgresql-" + major() + "=" + wanted));
        try (Stream<Path> files = Files.list(apt)) {
            return files.filter(file -> file.getFileName().toString().contains(".orig.tar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get source brought no source of " + wanted));
        }
    }

    private static List<Path> debianSources() throws IOException {
        Path plain = Path.of("/etc/apt/sources.list");
        try (Stream<Path> parts = Files.list(Path.of("/etc/apt/sources.list.d"))) {
            return Stream.concat(Stream.of(plain), parts)
                    .filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(list|sources)"))
                    .toList();
        }
    }

    private static List<String> aptGet(List<String> options, String... words) {
        return Stream.of(Stream.of("apt-get", "-q"), options.stream(), Stream.of(words))
                .flatMap(all -> all)
                .toList();
    }

    /** A directory with the C functions that the regression tests load; compiled where they are not there yet. */
    Path libraries() throws IOException {
        Path libraries = Files.createDirectories(work.resolve("lib-" + version));
        Path regress = libraries.resolve("regress.so");
        if (!Files.exists(regress)) {
            run(
                    work,
                    "cc",
                    "-O2",
                    "-fPIC",
                    "-shared",
                    "-I" + headers(),
                    "-o",
                    regress.toString(),
                    tests().resolve("regress/regress.c").toString());
        }
        for (String name : CONTRIB) {
            Path link = libraries.resolve(name);
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, library(name));
            }
        }
        return libraries;
    }

    private Path library(String name) throws IOException {
        for (Path directory : List.of(installation.resolve("lib"), installation.resolve("lib/postgresql"))) {
            if (Files.exists(directory.resolve(name))) {
                return directory.resolve(name);
            }
        }
        throw new IOException(
                "there is no " + name + " in " + installation + ". Install PostgreSQL's contrib modules.");
    }

    /** Those of this very version: others may compile and then not load. */
    private Path headers() throws IOException {
        Path unpacked = work.resolve("headers-" + version);
        String below = "usr/include/postgresql/" + major() + "/server";
        for (Path known : List.of(
                installation.resolve("include/server"),
                installation.resolve("include/postgresql/server"),
                Path.of("/", below),
                unpacked.resolve(below))) {
            if (Files.exists(known.resolve("postgres.h"))) {
                return known;
            }
        }
        String wanted = debian.orElseThrow(() -> new IOException(
                "the server's headers of PostgreSQL " + version + " are not in " + installation + ". Install them."));
        String name = "postgresql-server-dev-" + major();
        run(work, "apt-get", "-q", "download", name + "=" + wanted);
        try (Stream<Path> files = Files.list(work)) {
            Path deb = files.filter(file -> file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get download brought no " + name));
            run(work, "dpkg-deb", "-x", deb.toString(), unpacked.toString());
        }
        return unpacked.resolve(below);
    }

    private String major() {
        return version.replaceFirst("\\..*", "");
    }

    private void run(Path directory, String... command) throws IOException {
        run(directory, List.of(command));
    }

    private void run(Path directory, List<String> command) throws IOException {
        new Program(directory, work.resolve("prepare.log"), command)
                .with(Map.of("LC_ALL", "C"))
                .succeed();
    }
}
