package dev.espalier.benchmarks.conformance;

import dev.espalier.benchmarks.conformance.Comparison.Reason;
import dev.espalier.benchmarks.conformance.Results.Outcome;
import dev.espalier.benchmarks.conformance.Scene.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The tests that pgjdbc publishes with its source, by Maven. */
final class PgjdbcSuite {

    /** The newest whose source is in the registry with its tests. */
    static final String USUAL_VERSION = "42.7.8";

    private static final int MAJOR = 15;
    private static final String COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";

    private static final List<Reason> REASONS = List.of(
            new Reason(
                    "org\\.postgresql\\.(jdbc\\.ScramTest|test\\.util\\.PasswordUtilTest"
                            + "|test\\.plugin\\.AuthenticationPluginTest|test\\.util\\.ObjectFactoryTest)\\..*",
                    "It gives roles passwords of PostgreSQL's own and signs in with them: the private socket asks for no "
                            + "password, and the gateway takes those of Espalier's principals."),
            new Reason(
                    "org\\.postgresql\\.test\\.jdbc4\\.ConnectionValidTimeoutTest\\..*",
                    "It allows a time-out of the driver's own 100 ms too much, which a busy machine does not keep."),
            new Reason(
                    "org\\.postgresql\\.test\\.core\\.OptionsPropertyTest\\..*",
                    "It gives options of its own, and the run's own in the address go before them: -c espalier.tag=off."),
            new Reason(
                    "org\\.postgresql\\.test\\.jdbc2\\.ConnectTimeoutTest\\..*",
                    "It connects to a server on the internet that does not answer, and needs a network where that is so."));

    private final String version;
    private final Path work;

    PgjdbcSuite(String version, Path work) {
        this.version = version;
        this.work = work;
    }

    /** @param tests patterns of Surefire for the only classes to run; empty for all */
    Comparison run(List<String> tests) throws IOException, SQLException {
        Path source = source();
        try (Scene scene = Scene.open(MAJOR)) {
            Principal user = scene.principal("test", Scene.CAN_USE);
            Principal privileged = scene.principal("privileged", Scene.CAN_MANAGE);
            for (String branch : List.of("direct", "gateway")) {
                scene.branch(branch);
                prepare(scene, branch, user, privileged);
            }
            Results direct;
            try (SocketRelay relay = SocketRelay.to(scene.socket("direct").resolve(".s.PGSQL.5432"))) {
                Door door = scene.direct("direct", user).by("127.0.0.1", relay.port());
                direct = run(source, door, privileged, tests);
            }
            Results gateway = run(source, scene.ownPort("gateway", user), privileged, tests);
            return new Comparison("pgjdbc " + version, direct, gateway, REASONS);
        }
    }

    /** As pgjdbc's own CI has it: a user with a database of his own, and one who may do everything. */
    private static void prepare(Scene scene, String branch, Principal user, Principal privileged) throws SQLException {
        scene.run(branch, "postgres", "CREATE ROLE " + user.name() + " LOGIN");
        scene.makeSuperuser(branch, privileged);
        scene.run(branch, "postgres", "CREATE DATABASE test OWNER " + user.name());
        scene.run(branch, "test", "CREATE EXTENSION hstore");
        scene.run(branch, "test", "GRANT ALL ON SCHEMA public TO " + user.name());
    }

    private Path source() throws IOException {
        Path source = work.resolve("postgresql-" + version + "-jdbc-src");
        if (!Files.isDirectory(source)) {
            maven(
                            work,
                            work.resolve("prepare.log"),
                            List.of(
                                    COPY_GOAL,
                                    "-Dartifact=org.postgresql:postgresql:" + version + ":tar.gz:jdbc-src",
                                    "-DoutputDirectory=" + work))
                    .succeed();
            Path archive = work.resolve("postgresql-" + version + "-jdbc-src.tar.gz");
            new Program(work, work.resolve("prepare.log"), List.of("tar", "-xf", archive.toString())).succeed();
        }
        maven(source, work.resolve("prepare.log"), List.of("test-compile")).succeed();
        return source;
    }

    private static Program maven(Path directory, Path log, List<String> goals) {
        List<String> command = new ArrayList<>(List.of("mvn", "-B"));
        command.addAll(goals);
        return new Program(directory, log, command).with(Map.of("JAVA_HOME", System.getProperty("java.home")));
    }

    private Results run(Path source, Door door, Principal privileged, List<String> tests) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "test.url.PGHOST=" + door.host(),
                "test.url.PGPORT=" + door.port(),
                "test.url.sslmode=disable",
                "user=" + door.user(),
                "password=" + door.password(),
                "privilegedUser=" + privileged.name(),
                "privilegedPassword=" + privileged.secret()));
        if (!door.options().isEmpty()) {
            settings.add("test.url.options=" + door.options());
        }
        Files.write(source.resolve("build.local.properties"), settings);
        Path reports = source.resolve("target/surefire-reports");
        remove(reports);
        Path output = work.resolve("runs/pgjdbc-" + door.name());
        remove(output);
        Files.createDirectories(output.getParent());
        List<String> goals = new ArrayList<>(List.of("surefire:test", "-Dmaven.test.failure.ignore=true"));
        if (!tests.isEmpty()) {
            goals.add("-Dtest=" + String.join(",", tests));
        }
        maven(source, work.resolve("runs/pgjdbc-" + door.name() + ".log"), goals)
                .succeed();
        Files.move(reports, output);
        return read(output);
    }

    private static void remove(Path directory) throws IOException {
        new ProcessBuilder("rm", "-rf", directory.toString())
                .inheritIO()
                .start()
                .onExit()
                .join();
    }

    /** Surefire's reports, a file for each class. */
    private static Results read(Path reports) throws IOException {
        Results results = new Results();
        try (Stream<Path> files = Files.list(reports)) {
            for (Path file : files.filter(path -> path.toString().matches(".*/TEST-[^/]*\\.xml"))
                    .toList()) {
                NodeList cases = DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(file.toFile())
                        .getElementsByTagName("testcase");
                for (int i = 0; i < cases.getLength(); i++) {
                    Element test = (Element) cases.item(i);
                    results.add(test.getAttribute("classname") + "." + test.getAttribute("name"), outcome(test));
                }
            }
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("a report in " + reports + " cannot be read", e);
        }
        return results;
    }

    private static Outcome outcome(Element test) {
        if (test.getElementsByTagName("skipped").getLength() > 0) {
            return Outcome.SKIPPED;
        }
        boolean failed = test.getElementsByTagName("failure").getLength() > 0
                || test.getElementsByTagName("error").getLength() > 0;
        return failed ? Outcome.FAILED : Outcome.OK;
    }
}
