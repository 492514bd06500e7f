package dev.espalier.control;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DirectoryChanges;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The users, service principals and groups there are, as an administrator keeps them. */
public final class Directory {

    /** Another principal, as a list names it. */
    public record Member(long id, PrincipalKind kind, String name) {}

    /**
     * One principal.
     *
     * @param uid identifies it for ever; a service principal's client id
     * @param name a user's e-mail address; nobody else has it, of whatever kind
     * @param fullName what people call a user
     * @param externalId what it is called where it comes from; a trusted issuer's tokens may name it so
     * @param groups those that it is directly in
     * @param members those that are directly in it
     */
    public record Entry(
            long id,
            PrincipalKind kind,
            String uid,
            String name,
            Optional<String> fullName,
            Optional<String> externalId,
            boolean active,
            List<Member> groups,
            List<Member> members) {

        Entry with(List<Member> itsGroups, List<Member> itsMembers) {
            return new Entry(id, kind, uid, name, fullName, externalId, active, itsGroups, itsMembers);
        }
    }

    /** @param members ids of those in it; only a group has any */
    public record NewPrincipal(
            PrincipalKind kind,
            String name,
            Optional<String> fullName,
            Optional<String> externalId,
            boolean active,
            Set<Long> members) {}

    /** Which principals to list: those whose attribute is the value. */
    public record Filter(Attribute attribute, String value) {}

    /** What can be searched for. */
    public enum Attribute {
        ID("id::text"),
        UID("uid"),
        NAME("name"),
        FULL_NAME("full_name"),
        EXTERNAL_ID("external_id");

        private final String column;

        Attribute(String column) {
            this.column = column;
        }
    }

    /** @param total how many there are on all pages */
    public record Found(List<Entry> entries, long total) {}

    /** Values of a principal after a change. */
    public record Change(
            String name, Optional<String> fullName, Optional<String> externalId, boolean active, Set<Long> members) {

        /** That nothing changes. */
        public static Change none(Entry entry) {
            Set<Long> members = new HashSet<>();
            entry.members().forEach(member -> members.add(member.id()));
            return new Change(entry.name(), entry.fullName(), entry.externalId(), entry.active(), members);
        }
    }

    /** Says what a principal is to be, when it is known what it is. */
    @FunctionalInterface
    public interface Changer {
        Change change(Entry entry);
    }

    private final Jdbi jdbi;
    private final DirectoryChanges changes;
    private final Runnable changed;
    private final Consumer<String> removed;

    /**
     * @param changed is run after each change
     * @param removed hears the uid of each that has been removed
     */
    Directory(Jdbi jdbi, DirectoryChanges changes, Runnable changed, Consumer<String> removed) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.changed = changed;
        this.removed = removed;
    }

    /** @param skip how many to leave out, in the order of their names */
    public Found list(PrincipalKind kind, Optional<Filter> filter, long skip, long most) {
        String condition = "kind = :kind"
                + filter.map(given -> " AND " + given.attribute().column + " = :value")
                        .orElse("");
        String value = filter.map(given -> kind == PrincipalKind.USER && given.attribute() == Attribute.NAME
                        ? Principal.folded(given.value())
                        : given.value())
                .orElse("");
        return jdbi.inTransaction(handle -> {
            long total = handle.createQuery("SELECT count(*) FROM control.principal WHERE " + condition)
                    .bind("kind", kind.name())
                    .bind("value", value)
                    .mapTo(Long.class)
                    .one();
            List<Entry> page = handle.createQuery("SELECT * FROM control.principal WHERE " + condition
                            + " ORDER BY name COLLATE \"C\" LIMIT :most OFFSET :skip")
                    .bind("kind", kind.name())
                    .bind("value", value)
                    .bind("most", most)
                    .bind("skip", skip)
                    .map((row, context) -> PrincipalTable.read(row))
                    .list();
            return new Found(PrincipalTable.withMemberships(handle, page), total);
        });
    }

    /** @throws ControlException if there is none of this kind and id */
    public Entry get(PrincipalKind kind, long id) {
        return jdbi.withHandle(handle -> get(handle, kind, id));
    }

    /** The principal as a list of members names it. */
    public Entry get(Principal principal) {
        return jdbi.withHandle(handle -> PrincipalTable.named(handle, principal.id())
                .flatMap(member -> PrincipalTable.find(handle, member.id()))
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND, "there is no principal " + principal.name() + " any more.")));
    }

    /**
     * Makes one.
     *
     * @param actor who asks
     * @throws ControlException if the name is taken or cannot be a role's, a member does not exist, or the rules of policies are
     *     against it
     */
    public Changed<Entry> create(Principal actor, NewPrincipal wanted) {
        NewPrincipal checked = checked(wanted);
        return make(actor, handle -> {
            refuseTaken(handle, checked.kind(), checked.name());
            refuseTakenExternalId(handle, checked.kind(), checked.externalId());
            long id = PrincipalTable.insert(handle, UUID.randomUUID().toString(), checked);
            Entry made = get(handle, checked.kind(), id);
            addMembers(handle, made, checked.members());
            return new Changed<>(Optional.empty(), Optional.of(get(handle, checked.kind(), id)), List.of());
        });
    }

    /**
     * Changes one.
     *
     * @param actor who asks
     * @throws ControlException if it does not exist, a member does not, a group would be inside itself, nobody would be left
     *     who may do everything, or the rules of policies are against it; nothing is changed then
     */
    public Changed<Entry> change(Principal actor, PrincipalKind kind, long id, Changer changer) {
        return make(actor, handle -> {
            Entry before = get(handle, kind, id);
            Change wanted = changer.change(before);
            if (!wanted.name().equals(before.name())) {
                refuseRenaming(before, wanted.name());
                refuseTaken(handle, kind, wanted.name());
                BranchTable.maskedForRenamed(handle, before.name(), wanted.name());
            }
            if (!wanted.externalId().equals(before.externalId())) {
                refuseTakenExternalId(handle, kind, wanted.externalId());
            }
            PrincipalTable.update(
                    handle,
                    new Entry(
                            id,
                            kind,
                            before.uid(),
                            wanted.name(),
                            wanted.fullName(),
                            wanted.externalId(),
                            wanted.active(),
                            List.of(),
                            List.of()));
            Set<Long> had = Change.none(before).members();
            had.stream()
                    .filter(member -> !wanted.members().contains(member))
                    .forEach(member -> PrincipalTable.leave(handle, member, id));
            Set<Long> added = new HashSet<>(wanted.members());
            added.removeAll(had);
            addMembers(handle, before, added);
            requireAdministrator(handle, before.name());
            return new Changed<>(Optional.of(before), Optional.of(get(handle, kind, id)), List.of());
        });
    }

    /**
     * Removes one for good: what it was given, directly or as a member, is taken at once, and its sessions end.
     *
     * @param actor who asks
     * @throws ControlException if there is none, nobody would be left who may do everything, or policies are for it
     */
    public Changed<Entry> delete(Principal actor, PrincipalKind kind, long id) {
        return make(actor, handle -> {
            Entry entry = get(handle, kind, id);
            if (isBuiltIn(entry)) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        "the group " + entry.name() + " cannot be removed: " + meaning(entry)
                                + " Take members out of it instead.");
            }
            DirectoryChanges.refuseRemovalOfBound(handle, entry.kind(), id, entry.name());
            PrincipalTable.delete(handle, id);
            BranchTable.madeByNobody(handle, entry.name());
            requireAdministrator(handle, entry.name());
            return new Changed<>(Optional.of(entry), Optional.empty(), List.of());
        });
    }

    private Changed<Entry> make(Principal actor, Function<Handle, Changed<Entry>> change) {
        DirectoryChanges.Done<Changed<Entry>> done = changes.make(
                actor.name(),
                handle -> {
                    PrincipalTable.lockMemberships(handle);
                    return change.apply(handle);
                },
                made -> {
                    if (made.after().isEmpty()) {
                        made.before().ifPresent(gone -> removed.accept(gone.uid()));
                    }
                    changed.run();
                });
        return new Changed<>(done.result().before(), done.result().after(), done.warnings());
    }

    private static Entry get(Handle handle, PrincipalKind kind, long id) {
        return PrincipalTable.find(handle, id)
                .filter(entry -> entry.kind() == kind)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no " + kind.noun() + " with the id " + id
                                + ". espalier users, groups and principals list those there are."));
    }

    private static NewPrincipal checked(NewPrincipal wanted) {
        String name = wanted.kind() == PrincipalKind.USER ? Principal.folded(wanted.name()) : wanted.name();
        checkName(name);
        return new NewPrincipal(
                wanted.kind(), name, wanted.fullName(), wanted.externalId(), wanted.active(), wanted.members());
    }

    private static void refuseTaken(Handle handle, PrincipalKind kind, String name) {
        Optional<Member> taken = kind == PrincipalKind.USER ? PrincipalTable.alike(handle, name) : Optional.empty();
        taken.or(() -> PrincipalTable.named(handle, name)).ifPresent(other -> {
            throw new ControlException(
                    Code.ALREADY_EXISTS,
                    "there is a " + other.kind().noun() + " \"" + other.name()
                            + "\" already, and a name means one only. Choose another name.");
        });
    }

    private static void refuseTakenExternalId(Handle handle, PrincipalKind kind, Optional<String> externalId) {
        if (kind != PrincipalKind.GROUP && externalId.isPresent()) {
            handle.select(
                            "SELECT name FROM control.principal WHERE external_id = ? AND kind <> 'GROUP'",
                            externalId.get())
                    .mapTo(String.class)
                    .findFirst()
                    .ifPresent(other -> {
                        throw new ControlException(
                                Code.ALREADY_EXISTS,
                                other + " has the external id \"" + externalId.get()
                                        + "\" already. Take it from there first.");
                    });
        }
    }

    private static void refuseRenaming(Entry entry, String name) {
        if (entry.kind() != PrincipalKind.GROUP || isBuiltIn(entry)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the " + entry.kind().noun() + " " + entry.name() + " cannot be renamed: "
                            + (isBuiltIn(entry) ? meaning(entry) : "roles on branches have this name.")
                            + " Make another one.");
        }
        checkName(name);
    }

    private static void checkName(String name) {
        Roles.checkName(name);
        if (name.equals(Subject.EVERYONE)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + name + "\" means everybody, in grants and in policies, and can be nobody's name. Choose "
                            + "another name.");
        }
    }

    private static void addMembers(Handle handle, Entry group, Set<Long> members) {
        if (!members.isEmpty() && group.kind() != PrincipalKind.GROUP) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE, group.name() + " is no group and cannot have members.");
        }
        for (long id : members) {
            Entry member = PrincipalTable.find(handle, id)
                    .orElseThrow(() -> new ControlException(
                            Code.NOT_FOUND,
                            "there is no principal with the id " + id + " to be a member of " + group.name() + "."));
            if (member.kind() == PrincipalKind.GROUP && PrincipalTable.isWithin(handle, group.id(), id)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "the group " + member.name() + " cannot be a member of " + group.name()
                                + ": it would be inside itself. Take " + group.name() + " out of it first.");
            }
            PrincipalTable.join(handle, id, group.id());
        }
    }

    private static boolean isBuiltIn(Entry entry) {
        return entry.kind() == PrincipalKind.GROUP
                && (entry.name().equals(Principal.ADMINISTRATORS)
                        || entry.name().equals(Subject.AGENTS));
    }

    private static String meaning(Entry builtIn) {
        return builtIn.name().equals(Principal.ADMINISTRATORS)
                ? "its members may do everything by this name."
                : "every agent is in it while it acts for somebody.";
    }

    static void requireAdministrator(Handle handle, String changed) {
        if (!PrincipalTable.administratorExists(handle)) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "without " + changed
                            + " as it is, no active service principal with a lasting secret would be left in "
                            + "the group " + Principal.ADMINISTRATORS
                            + ", and nobody could get in when an issuer is down. "
                            + "Put another one there first.");
        }
    }
}
