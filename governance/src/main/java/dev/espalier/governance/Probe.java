package dev.espalier.governance;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks in a database for whatever would let somebody see more than the rules give him. */
final class Probe {

    /** What is looked for, by the names that findings have. */
    static final List<Check> CHECKS = List.of(
            new Check("attribute", "no principal is a superuser, bypasses row filters, replicates, or makes roles"),
            new Check(
                    "membership", "no principal is a member of any role but that of its profile, or can give that on"),
            new Check("no profile", "every principal has the role of its profile"),
            new Check("owner", "nobody whom a policy binds owns anything, nor does a profile's role"),
            new Check("grant", "nobody has a privilege that the rules do not give, by default privileges neither"),
            new Check("profile role", "the profiles' roles have no rights but those that the rules give"),
            new Check("view role", "nobody is a member of a role that owns views or keeps what others owned"),
            new Check(
                    "raw privilege", "no profile has any privilege on a relation with a column that is masked for it"),
            new Check("held", "what a profile's role was given is no more than the rules give it"),
            new Check(
                    "write view",
                    "what is written through does not show masked columns, and takes no change by which they could be found out"),
            new Check("telling key", "no foreign key carries such a change on from what is written"),
            new Check("not compiled", "every relation with a mask has its view"),
            new Check("view changed", "views, their owners, grants and triggers are as compiled"),
            new Check("view schema", "nothing else is in the views' schemas"),
            new Check("unsafe function", "functions in masks and filters cannot be taken the place of"),
            new Check(
                    "loose code",
                    "nobody whom a policy binds can read or write what runs code that a temporary table could deceive"),
            new Check(
                    "view owner",
                    "no view that is made again shows anybody what its owner, or who reads by their own rights, may not read"),
            new Check(
                    "changed function",
                    "functions in masks and filters do what they did when the policies were compiled"),
            new Check("rule", "no rule of a table that a profile writes leads to what is hidden from it"),
            new Check("extension", "no table has left the rules by becoming a part of an extension"),
            new Check("row filter", "row filters are on, and as compiled"),
            new Check(
                    "row security",
                    "no view leads around a policy of the table's own that is for those who read it by their names"),
            new Check("failed and open", "what could not be compiled is closed"),
            new Check("hook", "the hooks that compile after a migration are there, and always on"),
            new Check("machinery", "the functions that do all this are those that were installed"),
            new Check("frame", "what the rules came to is kept as it was compiled"),
            new Check("secret", "nobody reaches the keys, nor owns what Espalier keeps here"),
            new Check("dangerous function", "no principal can call what reaches files or other servers"),
            new Check("language", "languages that reach everything are the superuser's alone"),
            new Check("server version", "the server has the fix of CVE-2025-8713"));

    private Probe() {}

    /** @param meaning what holds if nothing is found */
    record Check(String name, String meaning) {}

    /**
     * @param check name of one
     * @param subject whom or what it is about
     */
    record Finding(String check, String subject, String detail) {
        @Override
        public String toString() {
            return check + ": " + subject + ": " + detail;
        }
    }

    /** Every finding is a reason to let nobody in. */
    static List<Finding> run(Connection session) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT finding, subject, detail FROM espalier_governance.probe() ORDER BY 1, 2, 3")) {
            while (rows.next()) {
                findings.add(new Finding(rows.getString(1), rows.getString(2), rows.getString(3)));
            }
        }
        return findings;
    }
}
