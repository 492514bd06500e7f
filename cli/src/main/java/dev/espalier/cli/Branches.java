package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about branches, but for the comparison of two ({@link BranchDiff}). */
@Command(name = "branches", description = "Branches: copies of a project's databases that share what has not changed")
final class Branches {
    private final Session session;

    Branches(Session session) {
        this.session = session;
    }

    @Command(description = "Create a branch, of another one's present or past")
    void create(
            @Parameters(paramLabel = "BRANCH", description = "its id: small letters, digits, hyphens") String branch,
            @Mixin ProjectOption in,
            @Option(
                            names = "--from",
                            paramLabel = "BRANCH",
                            description = "the branch to copy (default: the project's default branch)")
                    @Nullable
                    String from,
            @ArgGroup @Nullable PointInTime moment,
            @ArgGroup(multiplicity = "1") Expiry expiry,
            @Option(names = "--protected", description = "refuse to delete, reset or expire it") boolean protect,
            @Option(
                            names = "--replace-existing",
                            description = "give the branch that has this id the protection and expiration stated here; "
                                    + "its data stay")
                    boolean replace) {
        String project = session.names().project(in.project);
        Spec spec = new Spec()
                .set("source_branch", from == null ? null : session.names().branch(from, project))
                .set("source_branch_time", moment == null ? null : moment.time)
                .set("source_branch_lsn", moment == null ? null : moment.lsn)
                .set("is_protected", protect ? true : null);
        Expiry.into(spec, expiry);
        Query query = Query.none().with("branch_id", branch).withFlag("replace_existing", replace);
        session.finish(
                session.api().post(project + "/branches", query, spec.resource()), View.BRANCH, "Created " + branch);
    }

    @Command(
            description =
                    "Make a masked mirror: a branch that follows another one, masked on its way to the disk for whom it is "
                            + "for, who may own the branches that are made from it")
    void mirror(
            @Parameters(paramLabel = "BRANCH", description = "its id: small letters, digits, hyphens") String branch,
            @Mixin ProjectOption in,
            @Option(
                            names = "--for",
                            paramLabel = "PRINCIPAL",
                            required = true,
                            description = "the user, service principal or group")
                    String principal,
            @Option(
                            names = "--from",
                            paramLabel = "BRANCH",
                            description = "the branch to follow (default: the project's default branch)")
                    @Nullable
                    String from) {
        String project = session.names().project(in.project);
        Spec spec = new Spec()
                .set("source_branch", from == null ? null : session.names().branch(from, project))
                .set("mirror_for", principal)
                .set("no_expiry", true);
        session.finish(
                session.api().post(project + "/branches", Query.none().with("branch_id", branch), spec.resource()),
                View.BRANCH,
                "Created " + branch);
    }

    @Command(description = "Show a branch")
    void get(@Parameters(paramLabel = "BRANCH") String branch, @Mixin ProjectOption in) {
        session.printer().details(session.api().get(name(branch, in), Query.none()));
    }

    @Command(description = "List the branches of a project")
    void list(
            @Mixin ProjectOption in,
            @Mixin Paging paging,
            @Option(names = "--deleted", description = "also those that are deleted and not yet purged")
                    boolean deleted) {
        String path = session.names().project(in.project) + "/branches";
        session.list(path, "branches", View.BRANCH, paging, Query.none().withFlag("show_deleted", deleted));
    }

    @Command(description = "Change a branch's protection or expiry")
    void update(
            @Parameters(paramLabel = "BRANCH") String branch,
            @Mixin ProjectOption in,
            @Option(names = "--protected", negatable = true, description = "refuse to delete, reset or expire it")
                    @Nullable
                    Boolean protect,
            @ArgGroup @Nullable Expiry expiry) {
        Spec spec = new Spec().set("is_protected", protect);
        Expiry.into(spec, expiry);
        Reply begun = session.api().patch(name(branch, in), spec.updateMask(), spec.resource());
        session.finish(begun, View.BRANCH, "Updated " + branch);
    }

    @Command(description = "Delete a branch")
    void delete(
            @Parameters(paramLabel = "BRANCH") String branch,
            @Mixin ProjectOption in,
            @Option(names = "--purge", description = "at once and for good; there is no undelete") boolean purge) {
        Reply begun = session.api().delete(name(branch, in), Query.none().withFlag("purge", purge));
        session.finish(begun, View.BRANCH, "Deleted " + branch);
    }

    @Command(description = "Bring a deleted branch back")
    void undelete(@Parameters(paramLabel = "BRANCH") String branch, @Mixin ProjectOption in) {
        session.finish(session.act(name(branch, in), "undelete"), View.BRANCH, "Undeleted " + branch);
    }

    @Command(
            description =
                    "Make a branch what the one it came from is now; its own changes are gone. A mirror is copied anew")
    void reset(@Parameters(paramLabel = "BRANCH") String branch, @Mixin ProjectOption in) {
        session.finish(session.act(name(branch, in), "reset"), View.BRANCH, "Reset " + branch);
    }

    @Command(description = "Take a branch back to an earlier moment of its own history")
    void restore(
            @Parameters(paramLabel = "BRANCH") String branch,
            @Mixin ProjectOption in,
            @ArgGroup(multiplicity = "1") PointInTime moment,
            @Option(
                            names = "--preserve-under",
                            paramLabel = "BRANCH",
                            description = "keep the present state as a branch of this id")
                    @Nullable
                    String preserveUnder) {
        ObjectNode body = Json.object();
        if (moment.time != null) {
            body.put("restore_time", moment.time.toString());
        }
        if (moment.lsn != null) {
            body.put("restore_lsn", moment.lsn);
        }
        if (preserveUnder != null) {
            body.put("preserve_under", preserveUnder);
        }
        Reply begun = session.api().post(name(branch, in) + "/restore", Query.none(), body);
        session.finish(begun, View.BRANCH, "Restored " + branch);
    }

    @Command(
            description =
                    "Prove anew that a branch is under the grants and policies of now; prints what was proved, signed")
    void verify(@Parameters(paramLabel = "BRANCH") String branch, @Mixin ProjectOption in) {
        session.printer().details(session.act(name(branch, in), "verify"));
    }

    @Command(description = "Show what a branch holds on disk that it shares with no other")
    void storage(@Parameters(paramLabel = "BRANCH") String branch, @Mixin ProjectOption in) {
        session.printer().details(session.api().get(name(branch, in) + "/storage", Query.none()));
    }

    @Command(description = "Show how far back a branch's history reaches")
    void history(@Parameters(paramLabel = "BRANCH") String branch, @Mixin ProjectOption in) {
        session.printer().details(session.api().get(name(branch, in) + "/history", Query.none()));
    }

    private String name(String branch, ProjectOption in) {
        return session.names().branch(branch, in.project);
    }
}
