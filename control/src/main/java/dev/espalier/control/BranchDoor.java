package dev.espalier.control;

/** Listens on ports that lead to one branch only. Whoever speaks PostgreSQL's protocol with clients is one. */
public interface BranchDoor {

    /** The port that leads to all branches; others are chosen from the one after it on. */
    int port();

    /**
     * Begins to listen.
     *
     * @return what stops it; sessions that came through it go on
     * @throws IllegalStateException saying why the port cannot be had, and what to do
     */
    Listener open(int port, String projectId, String branchId);

    /** A port that is open until this is closed. */
    interface Listener extends AutoCloseable {
        @Override
        void close();
    }
}
