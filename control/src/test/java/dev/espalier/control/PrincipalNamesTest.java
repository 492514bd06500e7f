package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.metastore.TagGrant;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.identity.PrincipalKind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom requests mean by a name. */
class PrincipalNamesTest extends GovernedShop {

    private static Directory.Entry make(PrincipalKind kind, String name) {
        return test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(kind, name, Optional.empty(), Optional.empty(), true, Set.of()))
                .after()
                .orElseThrow();
    }

    @Test
    void aUsersAddressIsTheSameInCapitalsWhereverItIsNamed() {
        Directory.Entry eve = make(PrincipalKind.USER, "Eve@Example.com");
        assertThat(eve.name()).isEqualTo("eve@example.com");
        String written = "EVE@Example.com";

        assertThat(grant(written, TABLE, Privilege.SELECT).after().orElseThrow())
                .containsExactly(new Grant(TABLE, eve.name(), Privilege.SELECT));
        assertThat(test.plane.metastore().grants().of(root, TABLE, Optional.of(written)))
                .hasSize(1);
        revoke(written, TABLE, Privilege.SELECT);
        assertThat(test.plane.metastore().grants().of(root, TABLE, Optional.of(written)))
                .isEmpty();

        assertThat(define(mask("hide_email", Set.of(written), Set.of("bob"), "email"))
                        .after()
                        .orElseThrow()
                        .definition()
                        .to())
                .containsExactly(eve.name());

        var _ = test.plane.metastore().tagGrants().give(root, "pii", Set.of(TagPrivilege.ASSIGN), written);
        assertThat(test.plane.metastore().tagGrants().list("pii"))
                .extracting(TagGrant::principal)
                .contains(eve.name());
        var _ = test.plane.metastore().tagGrants().take(root, "pii", Set.of(TagPrivilege.ASSIGN), written);

        var _ = test.plane
                .access()
                .change(
                        root,
                        "shop",
                        List.of(new AccessLists.Wanted(written, Optional.empty(), Permission.CAN_USE)),
                        false);
        assertThat(test.plane.access().of("shop"))
                .extracting(AccessLists.Entry::principal)
                .contains(eve.name());
        var _ = test.plane.access().revoke(root, "shop", written);
        assertThat(test.plane.access().of("shop"))
                .extracting(AccessLists.Entry::principal)
                .doesNotContain(eve.name());
    }

    @Test
    void noUserIsNamedLikeAnotherInCapitals() {
        make(PrincipalKind.GROUP, "Kim@Example.com");
        assertThatThrownBy(() -> make(PrincipalKind.USER, "kim@example.com"))
                .hasMessageContaining("there is a group \"Kim@Example.com\" already");
        make(PrincipalKind.USER, "lee@example.com");
        assertThatThrownBy(() -> make(PrincipalKind.GROUP, "Lee@Example.com"))
                .hasMessageContaining("there is a user \"lee@example.com\" already");
    }

    @Test
    void nobodyIsCalledWhatMeansEverybody() {
        for (PrincipalKind kind : PrincipalKind.values()) {
            assertThatThrownBy(() -> make(kind, Subject.EVERYONE))
                    .as(kind.noun())
                    .hasMessageContaining("\"account users\" means everybody")
                    .hasMessageContaining("Choose another name");
        }
        assertThatThrownBy(() -> test.plane
                        .directory()
                        .change(
                                root,
                                PrincipalKind.GROUP,
                                testers.id(),
                                entry -> new Directory.Change(
                                        Subject.EVERYONE, entry.fullName(), entry.externalId(), true, Set.of())))
                .hasMessageContaining("\"account users\" means everybody");
    }
}
