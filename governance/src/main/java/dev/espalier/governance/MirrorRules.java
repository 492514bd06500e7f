package dev.espalier.governance;

import dev.espalier.control.admission.Masking;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.governance.Blueprint.Column;
import dev.espalier.governance.Blueprint.Table;
import dev.espalier.governance.Frame.Member;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Frame.RelationAccess;
import dev.espalier.governance.Frame.SchemaAccess;
import dev.espalier.governance.Frame.Unknown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rules of a database of a masked mirror, which was masked on its way to the disk for one subject. What binds that subject is done, for
 * everybody: it binds nobody there any more, and whoever goes by the subject's name may own things (an agent that acts for him has what is
 * granted to both, and is bound by what binds it). Others whom it alone binds
 * have what the catalog grants them. Whoever is bound by something else gets nothing: it would be compiled over masked values,
 * of which a condition can say that a row or value is no secret. Nor does who is shown less at the source than was done, as one who may
 * write there and look up here what tokens his guesses have got.
 */
final class MirrorRules {

    private static final int MOST_SHOWN = 5;

    private final Subject subject;
    private final Rules today;

    MirrorRules(Subject subject, Rules today) {
        this.subject = subject;
        this.today = today;
    }

    /**
     * Compiles today's rules for what is there.
     *
     * @param done how the database was masked; empty for one that was made of what is masked
     */
    Frame compile(Snapshot snapshot, Optional<Blueprint> done) {
        Frame frame = Compiler.compile(rules(snapshot, done.map(this::shownLess).orElse(Set.of())), snapshot);
        List<Profile> profiles = frame.profiles().stream()
                .map(profile -> profile.bound() ? closed(profile) : profile)
                .toList();
        Digest digest = new Digest().add(frame.hash());
        profiles.forEach(profile -> digest.add(profile.hash()));
        return new Frame(frame.catalog(), frame.epoch(), profiles, frame.members(), frame.warnings(), digest.hex());
    }

    /** Names of others who are shown less at the source; whoever manages all of it owns the copies, too. */
    private Set<String> shownLess(Blueprint done) {
        Frame frame = Compiler.compile(today, done.snapshot());
        Map<Long, Table> taken = done.tables().stream()
                .filter(Table::taken)
                .collect(Collectors.toMap(table -> table.relation().id(), Function.identity()));
        Set<String> lacking = frame.profiles().stream()
                .filter(profile -> isShownLess(profile, taken))
                .map(Profile::id)
                .collect(Collectors.toSet());
        Set<String> free = today.subjects().stream()
                .filter(each -> each.manages() || each.names().contains(subject.name()))
                .map(Subject::name)
                .collect(Collectors.toSet());
        return frame.members().stream()
                .filter(member -> member.profile().filter(lacking::contains).isPresent())
                .map(Member::principal)
                .filter(name -> !free.contains(name))
                .collect(Collectors.toSet());
    }

    private static boolean isShownLess(Profile profile, Map<Long, Table> taken) {
        Set<Long> open = profile.relations().stream()
                .filter(Blueprint::isOpen)
                .map(RelationAccess::relation)
                .collect(Collectors.toSet());
        return profile.masks().stream().anyMatch(mask -> {
            Table table = taken.get(mask.relation());
            return table != null
                    && open.contains(mask.relation())
                    && !covers(table.column(mask.column()), mask.expression());
        });
    }

    /** Whether what was done to the column shows no more than the mask that is due. */
    private static boolean covers(Column column, String due) {
        Optional<String> done = column.expression();
        return done.equals(Optional.of(due)) || done.equals(Optional.of("NULL"));
    }

    /** @param shownLess for whom what was done does not do */
    private Rules rules(Snapshot snapshot, Set<String> shownLess) {
        List<Policy> policies = today.policies().stream()
                .map(policy -> policy.binds(subject) ? binding(policy, shownLess) : policy)
                .toList();
        List<Subject> subjects = today.subjects().stream()
                .map(each -> each.names().contains(subject.name())
                        ? new Subject(each.name(), each.names(), true, each.agent())
                        : each)
                .toList();
        return new Rules(
                today.epoch(),
                today.catalog(),
                grants(snapshot),
                today.tags(),
                today.columnTags(),
                today.classified(),
                policies,
                today.renames(),
                subjects);
    }

    /**
     * A mirror is another cluster, in which the numbers of tables are others. So what is given on a table that has taken another's name is
     * given on neither, and what is given on a schema is not on what has left it.
     */
    private List<Grant> grants(Snapshot snapshot) {
        return today.grants().stream()
                .filter(grant -> grant.notOn().isEmpty() || grant.on().type() == SecurableType.SCHEMA)
                .map(grant -> grant.notOn().isEmpty()
                        ? grant
                        : new Grant(grant.on(), grant.principal(), grant.privilege(), leftOf(grant.on(), snapshot)))
                .toList();
    }

    private static Set<Long> leftOf(Securable schema, Snapshot snapshot) {
        String name = schema.name().schema().orElseThrow();
        return snapshot.relations().stream()
                .filter(relation -> relation.knownSchema().equals(name)
                        && !relation.schema().equals(name))
                .map(Snapshot.Relation::id)
                .collect(Collectors.toSet());
    }

    private static Policy binding(Policy policy, Set<String> whom) {
        return new Policy(
                policy.id(),
                policy.name(),
                policy.comment(),
                policy.on(),
                whom,
                Set.of(),
                policy.when(),
                policy.match(),
                policy.effect());
    }

    private Profile closed(Profile profile) {
        Optional<String> why = Optional.of("the branch is masked for " + subject.name()
                + ", and those of this profile are bound by other policies, or may write to what it is made of");
        List<SchemaAccess> schemas = profile.schemas().stream()
                .map(schema -> new SchemaAccess(schema.schema(), false, false, false, false, Unknown.MASKED, true))
                .toList();
        List<RelationAccess> relations = profile.relations().stream()
                .map(relation -> new RelationAccess(
                        relation.relation(),
                        false,
                        false,
                        why,
                        relation.unknown(),
                        new Digest().add(relation.hash(), why).hex()))
                .toList();
        return new Profile(
                profile.id(),
                true,
                schemas,
                relations,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                new Digest().add(profile.hash(), why).hex());
    }

    /** The columns of a table whose values are masked otherwise than is due. */
    private static List<Column> unmasked(Table table, Blueprint due) {
        Table wanted = due.table(table.relation().id());
        return table.columns().stream()
                .filter(column -> {
                    Optional<String> expression =
                            wanted.column(column.column().number()).expression();
                    return expression.isPresent() && !covers(column, expression.get());
                })
                .toList();
    }

    /**
     * @param done how the database was masked
     * @throws ControlException if the subject would see less under today's rules
     */
    void check(Blueprint done) {
        Optional<Profile> profile = Compiler.profile(today, subject, done.snapshot());
        if (profile.isEmpty()) {
            return;
        }
        Blueprint due = Blueprint.of(done.snapshot(), profile);
        List<String> uncovered = new ArrayList<>();
        for (Table table : done.tables()) {
            if (table.taken()) {
                Table wanted = due.table(table.relation().id());
                if (!wanted.taken()) {
                    uncovered.add(table.qualifiedName());
                } else if (wanted.filtered()) {
                    uncovered.add("rows of " + table.qualifiedName());
                }
                unmasked(table, due)
                        .forEach(column -> uncovered.add(
                                table.qualifiedName() + "." + column.column().name()));
            }
        }
        if (!uncovered.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "it was masked for " + subject.name() + " by earlier rules, and today's hide more, or otherwise: "
                            + uncovered.stream().limit(MOST_SHOWN).collect(Collectors.joining(", "))
                            + (uncovered.size() > MOST_SHOWN ? " and " + (uncovered.size() - MOST_SHOWN) + " more" : "")
                            + ". Reset the mirror, then the branches that were made from it",
                    Masking.MASKED_BEFORE,
                    Map.of());
        }
    }
}
