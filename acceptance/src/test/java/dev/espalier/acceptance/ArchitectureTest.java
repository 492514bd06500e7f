package dev.espalier.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Holds the arrows between the rooms that Maven cannot hold, because it passes dependencies on. */
class ArchitectureTest {

    /** What each room may use, besides itself. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("storage", Set.of()),
            Map.entry("postgres", Set.of()),
            Map.entry("testing", Set.of("postgres")),
            Map.entry("schema", Set.of()),
            Map.entry("identity", Set.of()),
            Map.entry("sql", Set.of()),
            Map.entry("journal", Set.of()),
            Map.entry("gateway", Set.of()),
            Map.entry("engine", Set.of("postgres", "storage")),
            Map.entry("control", Set.of("engine", "postgres", "storage", "identity", "schema", "journal")),
            Map.entry("governance", Set.of("control", "postgres")),
            Map.entry("api", Set.of("control", "identity", "schema", "postgres", "journal")),
            Map.entry("cli", Set.of()),
            Map.entry("demo", Set.of("cli")),
            Map.entry(
                    "server",
                    Set.of(
                            "api",
                            "control",
                            "engine",
                            "gateway",
                            "governance",
                            "identity",
                            "journal",
                            "postgres",
                            "schema",
                            "sql",
                            "storage")));

    private static final String ROOT = "dev.espalier.";

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // The tests of governance, which others use.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.espalier");

    @Test
    void aRoomUsesOnlyTheRoomsThatItMay() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : classes) {
            from.getDirectDependenciesFromSelf().forEach(dependency -> {
                String here = room(from);
                String there = room(dependency.getTargetClass().getBaseComponentType());
                if (!there.isEmpty()
                        && !here.equals(there)
                        && !MAY_USE.getOrDefault(here, Set.of()).contains(there)) {
                    wrong.add(here + " uses " + there + ": " + dependency.getDescription());
                }
            });
        }
        Assertions.assertThat(wrong).isEmpty();
    }

    @Test
    void packagesDoNotDependOnEachOtherInACircle() {
        slices().matching("dev.espalier.(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void thePackagesOfControlDoNotDependOnEachOtherInACircle() {
        slices().matching("dev.espalier.control.(*)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    @Test
    void thePackagesOfControlDoNotUseWhatPutsThemTogether() {
        noClasses()
                .that()
                .resideInAPackage("dev.espalier.control.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.espalier.control")
                .check(classes);
    }

    private static String room(JavaClass type) {
        String name = type.getPackageName() + ".";
        if (!name.startsWith(ROOT)) {
            return "";
        }
        return name.substring(ROOT.length(), name.indexOf('.', ROOT.length()));
    }
}
