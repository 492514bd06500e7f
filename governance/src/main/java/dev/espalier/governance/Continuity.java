package dev.espalier.governance;

import dev.espalier.governance.Applier.Held;
import dev.espalier.governance.Applier.HeldProfile;
import dev.espalier.governance.Frame.Member;
import dev.espalier.governance.Frame.Profile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets profiles keep the names that they have in a database. Roles and schemas of views are called after them, and an open session
 * finds those: whoever stays together with most of the others under other rules goes on in his session. A new profile takes the name of
 * the one that is what it is, or else of the one from which most of its members come.
 */
final class Continuity {

    private Continuity() {}

    /** A profile that may go on under a name. */
    private record Heir(Profile profile, String name, boolean same, long members) {}

    /** The frame under the names that are held. Those of another catalog, of whose database this is a copy, stay that database's: roles are a server's. */
    static Frame continued(Frame frame, Held held) {
        if (!held.catalog().equals(frame.catalog())) {
            return frame;
        }
        Map<String, String> names = names(frame, held);
        List<Profile> profiles = frame.profiles().stream()
                .map(profile -> profile.called(names.getOrDefault(profile.id(), profile.id())))
                .sorted(Comparator.comparing(Profile::id))
                .toList();
        List<Member> members = frame.members().stream()
                .map(member -> new Member(member.principal(), member.profile().map(id -> names.getOrDefault(id, id))))
                .toList();
        return new Frame(frame.catalog(), frame.epoch(), profiles, members, frame.warnings(), frame.hash());
    }

    private static Map<String, String> names(Frame frame, Held held) {
        Map<String, Map<String, Long>> origins = new HashMap<>();
        for (Member member : frame.members()) {
            String before = held.members().get(member.principal());
            if (before != null && member.profile().isPresent()) {
                origins.computeIfAbsent(member.profile().get(), id -> new HashMap<>())
                        .merge(before, 1L, Long::sum);
            }
        }
        List<Heir> heirs = new ArrayList<>();
        for (Profile profile : frame.profiles()) {
            origins.getOrDefault(profile.id(), Map.of())
                    .forEach((name, members) -> mayGoOn(profile, held.profiles().get(name))
                            .ifPresent(before -> heirs.add(
                                    new Heir(profile, name, before.hash().equals(profile.hash()), members))));
        }
        heirs.sort(Comparator.comparing(Heir::same)
                .thenComparingLong(Heir::members)
                .reversed()
                .thenComparing(heir -> heir.profile().id())
                .thenComparing(Heir::name));
        Map<String, String> names = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (Heir heir : heirs) {
            if (!names.containsKey(heir.profile().id()) && taken.add(heir.name())) {
                names.put(heir.profile().id(), heir.name());
            }
        }
        for (Profile profile : frame.profiles()) {
            if (!names.containsKey(profile.id())) {
                String name = free(profile, held, taken);
                taken.add(name);
                names.put(profile.id(), name);
            }
        }
        return names;
    }

    /** Where a policy binds people now and bound none before, or the other way round, their sessions began under other terms. */
    private static Optional<HeldProfile> mayGoOn(Profile profile, @Nullable HeldProfile before) {
        return Optional.ofNullable(before).filter(there -> there.bound() == profile.bound());
    }

    /** Its own name, unless that is somebody else's. */
    private static String free(Profile profile, Held held, Set<String> taken) {
        String name = profile.id();
        for (int n = 1; taken.contains(name) || isOfOthers(name, profile, held); n++) {
            name = Compiler.profileName(new Digest().add(profile.id(), n));
        }
        return name;
    }

    private static boolean isOfOthers(String name, Profile profile, Held held) {
        HeldProfile before = held.profiles().get(name);
        return before != null && !(name.equals(profile.id()) && before.bound() == profile.bound());
    }
}
