package dev.espalier.control.metastore;

import java.util.List;

/** Those branches of a project that somebody may be at work on. */
@FunctionalInterface
public interface RunningBranches {

    /**
     * Returns when every branch of the project that runs is under the rules of now. One that cannot be brought there does not
     * run any more.
     *
     * @return what failed, in words, of each branch
     */
    List<String> obey(String projectUid);
}
