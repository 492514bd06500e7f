package dev.espalier.control;

import dev.espalier.storage.VolumeName;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;

/** Makes the identifiers that never change and are never used twice. Their form is that of Neon's and Lakebase's. */
final class Uids {

    private static final String[] ADJECTIVES = {
        "amber",
        "bold",
        "calm",
        "cool",
        "crisp",
        "damp",
        "dark",
        "dawn",
        "deep",
        "dry",
        "fair",
        "fancy",
        "fine",
        "fresh",
        "gentle",
        "green",
        "hidden",
        "icy",
        "late",
        "light",
        "long",
        "lucky",
        "mild",
        "misty",
        "mute",
        "noble",
        "odd",
        "old",
        "orange",
        "pale",
        "patient",
        "plain",
        "polished",
        "proud",
        "quiet",
        "rapid",
        "rough",
        "round",
        "royal",
        "shy",
        "silent",
        "small",
        "snowy",
        "soft",
        "sparkling",
        "spring",
        "still",
        "summer",
        "super",
        "sweet",
        "tight",
        "tiny",
        "twilight",
        "wandering",
        "weathered",
        "white",
        "wild",
        "winter",
        "wispy",
        "young"
    };
    private static final String[] NOUNS = {
        "apple",
        "art",
        "base",
        "bird",
        "block",
        "boat",
        "bread",
        "breeze",
        "brook",
        "bush",
        "cake",
        "cell",
        "cherry",
        "cloud",
        "credit",
        "darkness",
        "dew",
        "disk",
        "dream",
        "dust",
        "feather",
        "field",
        "fire",
        "firefly",
        "flower",
        "fog",
        "forest",
        "frog",
        "frost",
        "glade",
        "grass",
        "hall",
        "hat",
        "haze",
        "heart",
        "hill",
        "king",
        "lab",
        "lake",
        "leaf",
        "limit",
        "math",
        "meadow",
        "mode",
        "moon",
        "morning",
        "mountain",
        "mouse",
        "mud",
        "night",
        "paper",
        "pine",
        "poetry",
        "pond",
        "queen",
        "rain",
        "recipe",
        "resonance",
        "rice",
        "river"
    };
    private static final int NUMBERS = 100_000_000;

    private final SecureRandom random = new SecureRandom();

    String project() {
        return UUID.randomUUID().toString();
    }

    String operation() {
        return UUID.randomUUID().toString();
    }

    String branch() {
        return word("br");
    }

    String endpoint() {
        return word("ep");
    }

    /** Name for a new volume of a branch or a replica. */
    VolumeName volume(String ownerUid) {
        return new VolumeName(ownerUid + "." + HexFormat.of().toHexDigits(random.nextInt()));
    }

    private String word(String prefix) {
        return prefix + "-" + ADJECTIVES[random.nextInt(ADJECTIVES.length)] + "-" + NOUNS[random.nextInt(NOUNS.length)]
                + "-" + String.format(java.util.Locale.ROOT, "%08d", random.nextInt(NUMBERS));
    }
}
