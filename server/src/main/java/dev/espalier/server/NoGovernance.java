package dev.espalier.server;

import dev.espalier.control.Admission;
import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.control.Proof;
import dev.espalier.control.metastore.Rules;
import java.sql.Connection;

/** For a server without the compiler of rules: what is to be under rules stays closed. */
final class NoGovernance implements Admission {

    @Override
    public Proof admit(Connection session, Rules rules) {
        throw refused();
    }

    @Override
    public void prepareRole(Connection session, String principal) {
        throw refused();
    }

    private static ControlException refused() {
        return new ControlException(
                Code.INVALID_STATE,
                "this server is built without the compiler of grants and policies. Start one that has it, or take the grants "
                        + "and policies away.");
    }
}
