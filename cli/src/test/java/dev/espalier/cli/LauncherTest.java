package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script {@code ./espalier}, in a copy of the project's folder with JDKs and a Maven that only say what they were asked.
 */
class LauncherTest {
    @TempDir
    Path place;

    private final Map<String, String> variables = new HashMap<>();
    private Path root = Path.of("");

    /** How a run of the script ended. */
    private record Run(int exitCode, String out, String err) {}

    @BeforeEach
    void copyTheScript() throws IOException {
        root = Files.createDirectories(place.resolve("my espalier"));
        Files.copy(Path.of("../espalier"), root.resolve("espalier"));
        for (String module : List.of("cli", "demo", "server", "benchmarks")) {
            Files.createDirectories(root.resolve(module).resolve("src/main/java"));
            Files.writeString(root.resolve(module).resolve("pom.xml"), "<project/>");
        }
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        Files.createDirectories(place.resolve("home"));
        Files.createDirectories(place.resolve("jdks"));
        variables.put("HOME", place.resolve("home").toString());
        variables.put("ESPALIER_JDKS", place.resolve("jdks").toString());
        variables.put("PATH", Files.createDirectories(place.resolve("bin")) + ":/usr/bin:/bin");
        // The real java of this machine must not be found by its link.
        jdk("bin/..", "11.0.1");
        maven("""
                echo "[INFO] Building Espalier: cli 0.1.0                    [1/2]"
                : >x.jar
                for module in cli demo server benchmarks; do
                    mkdir -p $module/target
                    echo "$module.jar $JAVA_HOME" >$module/target/$module.jar
                    echo "$PWD/x.jar" >$module/target/espalier.classpath
                done
                echo "built $*" >>builds
                """);
    }

    private void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void maven(String text) throws IOException {
        script(place.resolve("bin/mvn"), text);
    }

    /** A JDK whose java prints its version, its class path and its arguments. */
    private Path jdk(String name, String version) throws IOException {
        Path home = place.resolve(name).normalize();
        script(home.resolve("bin/java"), """
                for word in "$@"; do
                    case $word in -XX:AOTCacheOutput=*) echo cache >"${word#*=}"; exit ;; esac
                done
                echo "java %s"
                echo "classes $CLASSPATH"
                for word in "$@"; do echo "$word"; done
                """.formatted(version));
        script(home.resolve("bin/javac"), "");
        Files.writeString(home.resolve("release"), """
                IMPLEMENTOR="Somebody"
                JAVA_VERSION="%s"
                JAVA_VERSION_DATE="2026-10-20\"""".formatted(version));
        return home;
    }

    private Run run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(root.resolve("espalier").toString()));
        command.addAll(List.of(words));
        return start(command);
    }

    private Run start(List<String> command) throws IOException, InterruptedException {
        Path out = place.resolve("out");
        Path err = place.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private long builds() throws IOException {
        Path record = root.resolve("builds");
        return Files.exists(record) ? Files.readAllLines(record).size() : 0;
    }

    @Test
    void whoMayNotReadTheLibrariesIsToldToBuildForHimself() throws Exception {
        jdk("jdks/25", "25.0.1");
        run("system");
        Files.delete(root.resolve("x.jar"));
        Run run = run("system");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("may not read " + root.toRealPath() + "/x.jar", "./espalier build");
    }

    @Test
    void takesTheJdkThatIsNamedForItBeforeAnyOther() throws Exception {
        variables.put("ESPALIER_JAVA_HOME", jdk("mine", "25.0.1").toString());
        variables.put("JAVA_HOME", jdk("other", "26").toString());
        assertThat(run("system").out()).startsWith("java 25.0.1\n");
    }

    @Test
    void refusesANamedJdkThatIsTooOldInsteadOfTakingAnother() throws Exception {
        variables.put("ESPALIER_JAVA_HOME", jdk("mine", "21.0.5").toString());
        variables.put("JAVA_HOME", jdk("other", "25").toString());
        Run run = run("system");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("ESPALIER_JAVA_HOME", "21.0.5", "25 or newer");
    }

    @Test
    void passesOverAnOldJavaHomeToTheJavaOnThePath() throws Exception {
        variables.put("JAVA_HOME", jdk("old", "17.0.9").toString());
        Path jdk = jdk("new", "25.0.2");
        Files.delete(place.resolve("bin/java"));
        Files.createSymbolicLink(place.resolve("bin/java"), jdk.resolve("bin/java"));
        assertThat(run("system").out()).startsWith("java 25.0.2\n");
    }

    @Test
    void looksInTheUsualPlacesLastAndTakesNoRuntimeWithoutCompiler() throws Exception {
        Files.delete(jdk("jdks/a-jre-25", "25").resolve("bin/javac"));
        jdk("jdks/b-1.8", "1.8.0_402");
        jdk("jdks/c-24", "24.0.2");
        jdk("jdks/d 26", "26-ea");
        assertThat(run("system").out()).startsWith("java 26-ea\n");
    }

    @Test
    void looksAmongTheUsersOwnJdksBeforeTheMachines() throws Exception {
        variables.remove("ESPALIER_JDKS");
        jdk("home/.sdkman/candidates/java/99-tem", "99.0.1");
        assertThat(run("system").out()).startsWith("java 99.0.1\n");
    }

    @Test
    void saysWhatToInstallWhenThereIsNoJdk() throws Exception {
        Run run = run("system");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("JDK 25 or newer", "apt install", "brew install", "sdk install", "ESPALIER_JAVA_HOME");
    }

    @Test
    void saysWhatToInstallWhenThereIsNoMaven() throws Exception {
        jdk("jdks/25", "25");
        Files.delete(place.resolve("bin/mvn"));
        for (String tool : List.of("dirname", "readlink", "find", "head", "cat")) {
            script(place.resolve("few").resolve(tool), "exec /usr/bin/" + tool + " \"$@\"");
        }
        variables.put("PATH", place.resolve("few").toString());
        Run run = run("system");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no mvn", "apt install maven", "brew install maven");
    }

    @Test
    void buildsOnceAndAgainOnlyWhenASourceChanges() throws Exception {
        jdk("jdks/25", "25");
        Run first = run("system");
        assertThat(first.err()).contains("Building Espalier", "  [1/2] cli\n");
        assertThat(first.out()).doesNotContain("Building");
        assertThat(run("system").err()).isEmpty();
        assertThat(builds()).isEqualTo(1);

        Path source = Files.writeString(root.resolve("cli/src/main/java/A.java"), "class A {}");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(run("system").exitCode()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainWhenTheFolderHasMoved() throws Exception {
        jdk("jdks/25", "25");
        run("system");
        root = Files.move(root, place.resolve("elsewhere"));
        assertThat(run("system").out())
                .contains("classes " + root.toRealPath() + "/cli/target/cli.jar:" + root.toRealPath() + "/x.jar\n");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void showsTheEndOfTheLogWhenTheBuildFailsAndTriesAgainNextTime() throws Exception {
        jdk("jdks/25", "25");
        maven("echo '[ERROR] A.java:[1,1] class expected'; echo built >>builds; exit 1");
        for (int attempt = 1; attempt <= 2; attempt++) {
            Run run = run("system");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("The build failed", "class expected", "build.log");
            assertThat(builds()).isEqualTo(attempt);
        }
    }

    @Test
    void replacesJarsInsteadOfWritingIntoThoseThatAServerReads() throws Exception {
        jdk("jdks/25", "25");
        run("build");
        Path jar = root.resolve("server/target/server.jar");
        Path held = Files.createLink(place.resolve("held"), jar);
        maven("exit 1");
        run("build");
        assertThat(held).content().startsWith("server.jar");
        assertThat(jar).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"build", "test", "system"})
    void waitsForAnotherBuildAndSaysSo(String command) throws Exception {
        jdk("jdks/25", "25");
        Path lock = Files.createDirectories(root.resolve("target")).resolve("espalier.lock");
        Process other = new ProcessBuilder("flock", lock.toString(), "cat")
                .redirectErrorStream(true)
                .start();
        try (var toOther = other.outputWriter()) {
            toOther.write("held\n");
            toOther.flush();
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            Path err = place.resolve("waiting");
            ProcessBuilder builder =
                    new ProcessBuilder(root.resolve("espalier").toString(), command).redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(variables);
            Process waiting =
                    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            TestWait.until(
                    "it says what it waits for",
                    () -> !waiting.isAlive()
                            || Files.readString(err).contains("Another build, or ./espalier test, runs"));
            assertThat(waiting.isAlive()).as(Files.readString(err)).isTrue();
            assertThat(builds()).isZero();
            other.destroyForcibly();
            assertThat(waiting.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(waiting.exitValue()).isZero();
        }
        assertThat(builds()).isOne();
    }

    @Test
    void whatIsRunAfterABuildDoesNotHoldItsLock() throws Exception {
        jdk("jdks/25", "25");
        script(place.resolve("jdks/25/bin/java"), "flock -n '" + root.resolve("target/espalier.lock") + "' echo free");
        assertThat(run("system").out()).contains("free");
    }

    @Test
    void passesEveryOtherCommandToTheCliWithTheCacheMadeForIt() throws Exception {
        jdk("jdks/25", "25");
        assertThat(run("branches", "create", "a b", "").out())
                .contains("-XX:AOTCache=" + root.toRealPath() + "/cli/target/espalier.aot\n")
                .contains("-Despalier.launcher=" + root.toRealPath() + "/espalier\n", "-Despalier.terminal=false\n")
                .endsWith("dev.espalier.cli.Espalier\nbranches\ncreate\na b\n\n");
        assertThat(run().out()).endsWith("dev.espalier.cli.Espalier\n--help\n");
        assertThat(run("help", "branches").out()).endsWith("dev.espalier.cli.Espalier\nbranches\n--help\n");
        assertThat(run("help", "doctor").out()).endsWith("dev.espalier.server.Main\ndoctor\n--help\n");
    }

    @Test
    void runsTheOtherProgramsWithTheirOwnClasses() throws Exception {
        jdk("jdks/25", "25");
        assertThat(run("server", "--port", "1").out())
                .contains("/server/target/server.jar:" + root.toRealPath() + "/x.jar\n")
                .endsWith("dev.espalier.server.Main\n--port\n1\n");
        assertThat(run("doctor", "--fix").out()).endsWith("dev.espalier.server.Main\ndoctor\n--fix\n");
        assertThat(run("bench", "fork").out()).endsWith("dev.espalier.benchmarks.Bench\nfork\n");
        assertThat(run("demo").out())
                .contains("dev.espalier.cli.Espalier\nup\n")
                .contains("/demo/target/demo.jar")
                .endsWith("dev.espalier.demo.Demo\n");
    }

    @Test
    void theDemoIsToldWhetherItWritesOnATerminal() throws Exception {
        jdk("jdks/25", "25");
        assertThat(run("demo").out()).endsWith("-Despalier.terminal=false\ndev.espalier.demo.Demo\n");
        String command = "'" + root.resolve("espalier") + "' demo";
        assertThat(start(List.of("script", "--quiet", "--command", command, "/dev/null"))
                        .out())
                .endsWith("-Despalier.terminal=true\r\ndev.espalier.demo.Demo\r\n");
    }

    @Test
    void whoMayNotWriteWhereAnotherHasBuiltIsToldSo() throws Exception {
        jdk("jdks/25", "25");
        run("system");
        Files.setLastModifiedTime(
                root.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(start(List.of("chmod", "-R", "a+rX,u-w", place.toString())).exitCode())
                .isZero();
        List<String> command = new ArrayList<>();
        if (Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        command.addAll(List.of(root.resolve("espalier").toString(), "system"));
        try {
            Run run = start(command);
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("may not write in " + root.toRealPath() + "/target", "./espalier build")
                    .doesNotContain("cannot create");
        } finally {
            start(List.of("chmod", "-R", "u+w", place.toString()));
        }
    }

    @Test
    void theDemoPassesItsOptionsToUpAndEndsWhereUpRefusesThem() throws Exception {
        Path jdk = jdk("jdks/25", "25");
        assertThat(run("demo", "--http.port=1").out())
                .contains("dev.espalier.cli.Espalier\nup\n--http.port=1\n")
                .endsWith("dev.espalier.demo.Demo\n");
        script(jdk.resolve("bin/java"), "for word; do case $word in up) exit 2 ;; esac; done; echo \"$@\"");
        Run refused = run("demo", "--nonsense");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.out()).doesNotContain("Demo");
    }

    @Test
    void helpStartsNothing() throws Exception {
        jdk("jdks/25", "25");
        maven("echo \"$*\" >>builds; exit 1");
        for (String command : List.of("build", "test")) {
            Run run = run(command, "--help");
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).startsWith("Usage: espalier " + command);
        }
        assertThat(run("build", "now").exitCode()).isEqualTo(2);
        assertThat(builds()).isZero();
    }

    @Test
    void theHelpOfTheDemoDoesNotStartTheServer() throws Exception {
        jdk("jdks/25", "25");
        assertThat(run("demo", "-h").out()).doesNotContain("\nup\n").endsWith("dev.espalier.demo.Demo\n--help\n");
    }

    @Test
    void everyCommandOfTheScriptIsInTheHelp() throws Exception {
        List<String> own = Pattern.compile("(?m)^ {4}([a-z]+)\\)")
                .matcher(Files.readString(Path.of("../espalier")))
                .results()
                .map(found -> found.group(1))
                .filter(name -> !List.of("help", "psql").contains(name))
                .toList();
        assertThat(own).contains("server", "demo", "build");
        assertThat(Arrays.stream(LauncherCommands.help())
                        .map(line -> line.strip().split(" ")[0]))
                .containsAll(own);
    }

    @Test
    void testsWithMavenAndTheJdkThatWasFound() throws Exception {
        Path jdk = jdk("jdks/25", "25");
        maven("echo \"$JAVA_HOME $*\"");
        assertThat(run("test", "-pl", "cli").out()).isEqualTo(jdk + " -B -T 1C verify -pl cli\n");
    }

    @Test
    void worksThroughALinkFromAnywhere() throws Exception {
        jdk("jdks/25", "25");
        Path link = Files.createSymbolicLink(place.resolve("bin/espalier"), Path.of("../my espalier/espalier"));
        assertThat(start(List.of(link.toString(), "system")).out()).contains("/my espalier/cli/target/cli.jar");
    }
}
