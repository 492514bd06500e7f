package dev.espalier.governance.statement;

import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.TagAssignments;
import dev.espalier.control.metastore.TagPrivilege;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A statement about who may do what, and who sees what. */
public sealed interface GovernanceStatement {

    /** {@code GRANT SELECT ON TABLE c.s.t TO `finops`}. */
    record GrantPrivileges(Set<Privilege> privileges, Securable on, String principal) implements GovernanceStatement {
        public GrantPrivileges {
            privileges = Set.copyOf(privileges);
        }
    }

    /** {@code REVOKE SELECT ON TABLE c.s.t FROM `finops`}. */
    record RevokePrivileges(Set<Privilege> privileges, Securable on, String principal) implements GovernanceStatement {
        public RevokePrivileges {
            privileges = Set.copyOf(privileges);
        }
    }

    /**
     * {@code SHOW [EFFECTIVE] GRANTS [`finops`] ON TABLE c.s.t}.
     *
     * @param effective whether with those that are inherited
     */
    record ShowGrants(Optional<String> principal, Securable on, boolean effective) implements GovernanceStatement {}

    /** {@code CREATE GOVERNED TAG pii VALUES ('email', 'phone')}. */
    record CreateGovernedTag(String key, Optional<String> description, List<String> values)
            implements GovernanceStatement {
        public CreateGovernedTag {
            values = List.copyOf(values);
        }
    }

    /**
     * {@code ALTER GOVERNED TAG pii SET VALUES ('email')}, and {@code SET DESCRIPTION 'of people'}.
     *
     * @param values all that may be assigned from then on; empty where they stay
     */
    record AlterGovernedTag(String key, Optional<String> description, Optional<List<String>> values)
            implements GovernanceStatement {
        public AlterGovernedTag {
            values = values.map(List::copyOf);
        }
    }

    /** {@code DROP GOVERNED TAG pii}. */
    record DropGovernedTag(String key) implements GovernanceStatement {}

    /** {@code SHOW GOVERNED TAGS}. */
    record ShowGovernedTags() implements GovernanceStatement {}

    /** {@code GRANT ASSIGN ON GOVERNED TAG pii TO `stewards`}. */
    record GrantOnTag(Set<TagPrivilege> privileges, String key, String principal) implements GovernanceStatement {
        public GrantOnTag {
            privileges = Set.copyOf(privileges);
        }
    }

    /** {@code REVOKE ASSIGN ON GOVERNED TAG pii FROM `stewards`}. */
    record RevokeOnTag(Set<TagPrivilege> privileges, String key, String principal) implements GovernanceStatement {
        public RevokeOnTag {
            privileges = Set.copyOf(privileges);
        }
    }

    /** {@code SHOW GRANTS ON GOVERNED TAG pii}. */
    record ShowTagGrants(String key) implements GovernanceStatement {}

    /** {@code SET TAG ON COLUMN c.s.t.email pii = email}, and {@code ALTER TABLE c.s.t ALTER COLUMN email SET TAGS (…)}. */
    record SetTags(TagAssignments.Entity on, Map<String, String> tags) implements GovernanceStatement {
        public SetTags {
            tags = Map.copyOf(tags);
        }
    }

    /** {@code UNSET TAG ON TABLE c.s.t pii}, and {@code ALTER TABLE c.s.t UNSET TAGS ('pii')}. */
    record UnsetTags(TagAssignments.Entity on, List<String> keys) implements GovernanceStatement {
        public UnsetTags {
            keys = List.copyOf(keys);
        }
    }

    /**
     * {@code CREATE POLICY …}.
     *
     * @param orReplace whether one of the same name gives way
     */
    record CreatePolicy(PolicyDefinition policy, boolean orReplace) implements GovernanceStatement {}

    /** {@code DROP POLICY mask_email ON CATALOG c}. */
    record DropPolicy(String name, Securable on) implements GovernanceStatement {}

    /**
     * {@code SHOW [EFFECTIVE] POLICIES ON TABLE c.s.t}.
     *
     * @param effective whether with those on what it lies in
     */
    record ShowPolicies(Securable on, boolean effective) implements GovernanceStatement {}

    /** {@code DESCRIBE POLICY mask_email ON CATALOG c}. */
    record DescribePolicy(String name, Securable on) implements GovernanceStatement {}

    /** {@code COMMENT ON CATALOG c IS 'orders and people'}; without a text for {@code NULL}. */
    record SetComment(String catalog, String comment) implements GovernanceStatement {}

    /** {@code ALTER CATALOG c OWNER TO `ann@example.com`}. */
    record SetOwner(String catalog, String owner) implements GovernanceStatement {}
}
