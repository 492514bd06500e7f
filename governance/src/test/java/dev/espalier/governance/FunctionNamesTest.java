package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions of the user's own are found by whatever PostgreSQL can call them. */
@ExtendWith(Servers.class)
class FunctionNamesTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aPolicysFunctionIsFoundByANameInBackticks(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION plain(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'plain'",
                    "CREATE FUNCTION \"my.mask\"(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'dotted'",
                    "CREATE FUNCTION \"My `mask`\"(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN 'quoted'");
            shop.mask("mask_email", "email", "shop.app.`plain`");
            shop.mask("mask_phone", "phone", "shop.app.`my.mask`");
            shop.mask("mask_name", "name", "shop.app.`My ``mask```");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT email, phone, full_name FROM customers WHERE id = 1"))
                    .containsExactly("plain|dotted|quoted");
            assertThat(shop.probe()).isEmpty();
        }
    }
}
