package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;

import dev.espalier.control.request.Moment;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A process that does all kinds of work, in an order of chance, until it is killed. Of each piece it says when it begins
 * and when it is done.
 */
final class MixedWork {

    /** What can happen to a branch. */
    enum Deed {
        CREATE,
        WRITE,
        RESET,
        REPLICATE,
        SUSPEND,
        PURGE
    }

    private static final List<String> BRANCHES = List.of("a", "b", "c");

    private final TestPlane test;
    private final Random random;
    private final Set<String> there = new TreeSet<>();

    private MixedWork(TestPlane test, long seed) {
        this.test = test;
        this.random = new Random(seed);
    }

    /** @param arguments directory, backend, seed */
    public static void main(String[] arguments) throws Exception {
        try (TestPlane test = TestPlane.start(Path.of(arguments[0]), Backend.valueOf(arguments[1]))) {
            MixedWork work = new MixedWork(test, Long.parseLong(arguments[2]));
            work.there.addAll(Work.branches(test));
            for (int number = 1; ; number++) {
                work.next(number);
            }
        }
    }

    private void next(int number) throws SQLException {
        String branch = random.nextInt(4) == 0 ? Work.PRODUCTION : BRANCHES.get(random.nextInt(BRANCHES.size()));
        Deed deed = deed(branch);
        say("begin", deed, branch, number);
        perform(deed, branch, number);
        say("done", deed, branch, number);
    }

    private Deed deed(String branch) {
        if (branch.equals(Work.PRODUCTION)) {
            return Deed.WRITE;
        }
        if (!there.contains(branch)) {
            return Deed.CREATE;
        }
        return switch (random.nextInt(10)) {
            case 0, 1 -> Deed.RESET;
            case 2 -> Deed.REPLICATE;
            case 3 -> Deed.SUSPEND;
            case 4, 5 -> Deed.PURGE;
            default -> Deed.WRITE;
        };
    }

    private void perform(Deed deed, String branch, int number) throws SQLException {
        switch (deed) {
            case CREATE -> {
                Work.create(test, branch, new Moment.Now());
                there.add(branch);
            }
            case WRITE -> Work.insert(test, branch, number);
            case RESET -> test.succeed(test.plane.branches().reset(CALLER, Work.SHOP, branch));
            case REPLICATE -> {
                NewEndpoint replica =
                        new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
                test.succeed(test.plane.endpoints().create(CALLER, Work.SHOP, branch, "r" + number, replica, false));
            }
            case SUSPEND -> test.succeed(test.plane.endpoints().suspend(CALLER, Work.SHOP, branch, Endpoint.PRIMARY));
            case PURGE -> {
                test.succeed(test.plane.branches().delete(CALLER, Work.SHOP, branch, true));
                there.remove(branch);
            }
        }
    }

    private static void say(String what, Deed deed, String branch, int number) {
        System.out.println(what + " " + deed + " " + branch + " " + number);
        System.out.flush();
    }
}
