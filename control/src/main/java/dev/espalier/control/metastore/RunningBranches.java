package dev.espalier.control.metastore;

import java.util.List;

/** Those branches of a project that somebody may be at work on. */
public interface RunningBranches {

    /**
     * Brings every branch of the project that runs under the rules of now. One that cannot be brought there does not run any more. A
     * change of rules that is made stays made: where neither can be seen to just now, as while the control database is away, the answer
     * says so, and it is tried again until it is done.
     *
     * @return what is worth knowing, in words: first what failed, of each branch; then what is allowed and was not told before
     */
    List<String> obey(String projectUid);

    /** To be called where it is not known whether a change of rules is made, because the answer to the commit is lost. */
    void mayHaveToObey();
}
