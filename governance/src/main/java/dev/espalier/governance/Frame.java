package dev.espalier.governance;

import java.util.List;
import java.util.Optional;

/**
 * Rules as one database needs them: who may what, and how columns and rows are shown to whom. The rows of what
 * {@code frame.sql} keeps.
 *
 * @param hash SHA-256 in hexadecimal over all but the epoch and the warnings
 */
record Frame(
        String catalog, long epoch, List<Profile> profiles, List<Member> members, List<String> warnings, String hash) {

    Frame {
        profiles = List.copyOf(profiles);
        members = List.copyOf(members);
        warnings = List.copyOf(warnings);
    }

    /**
     * Subjects for whom everything is the same.
     *
     * @param id as compiled it is made of what binds them and what they may; {@link Continuity} has the last word
     * @param bound whether a policy binds them
     * @param absent what is masked or closed as soon as it is there
     * @param functions that need a grant of their own
     * @param hash over all of it
     */
    record Profile(
            String id,
            boolean bound,
            List<SchemaAccess> schemas,
            List<RelationAccess> relations,
            List<Mask> masks,
            List<Filter> filters,
            List<Absent> absent,
            List<Long> functions,
            String hash) {

        Profile {
            schemas = List.copyOf(schemas);
            relations = List.copyOf(relations);
            masks = List.copyOf(masks);
            filters = List.copyOf(filters);
            absent = List.copyOf(absent);
            functions = List.copyOf(functions);
        }

        /** The same under another name. */
        Profile called(String name) {
            return name.equals(id)
                    ? this
                    : new Profile(name, bound, schemas, relations, masks, filters, absent, functions, hash);
        }
    }

    /** @param profile none for one who keeps the rights that he has in PostgreSQL */
    record Member(String principal, Optional<String> profile) {}

    /** Which columns that the rules do not know read NULL. */
    enum Unknown {
        SHOWN(0),
        /** Those whose type could hold anything. */
        MASKED_IF_TELLING(1),
        MASKED(2);

        private final int code;

        Unknown(int code) {
            this.code = code;
        }

        /** What it is in the database. */
        int code() {
            return code;
        }
    }

    /**
     * @param schema empty for those that the rules do not know yet
     * @param reads whether he may read tables that come
     * @param writes whether he may write them
     * @param closesUnknown whether tables that come are closed until the rules are compiled for them
     */
    record SchemaAccess(
            String schema,
            boolean uses,
            boolean creates,
            boolean reads,
            boolean writes,
            Unknown unknown,
            boolean closesUnknown)
            implements Digest.Parts {

        @Override
        public List<Object> parts() {
            return List.of(schema, uses, creates, reads, writes, unknown, closesUnknown);
        }
    }

    /**
     * @param closed why nobody gets in, whatever he may
     * @param hash over this, the relation's masks and its filter
     */
    record RelationAccess(
            long relation, boolean reads, boolean writes, Optional<String> closed, Unknown unknown, String hash)
            implements Digest.Parts {

        @Override
        public List<Object> parts() {
            return List.of(relation, reads, writes, closed, unknown, hash);
        }
    }

    /** @param expression SQL, with columns by their numbers in braces */
    record Mask(long relation, int column, String expression) {}

    record Filter(long relation, String expression) {}

    /**
     * A name that the rules know and the database does not have.
     *
     * @param column empty where the relation is closed
     */
    record Absent(String schema, String relation, String column) implements Digest.Parts {

        @Override
        public List<Object> parts() {
            return List.of(schema, relation, column);
        }
    }
}
