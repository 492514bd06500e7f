package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import org.junit.jupiter.api.Test;

class StoredSettingTest {

    @Test
    void eachNameOfAListIsALiteral() {
        assertThat(made("search_path=\"$user\", public, \"a \"\"b\"\", c\""))
                .isEqualTo("'$user', 'public', 'a \"b\", c'");
        assertThat(made("search_path=App,  \"App\"")).isEqualTo("'app', 'App'");
        assertThat(made("search_path=")).isEqualTo("''");
        assertThat(made("search_path=\"\"")).isEqualTo("''");
    }

    @Test
    void nothingOfItIsSql() {
        assertThat(made("search_path=public;ALTER/**/ROLE/**/app/**/SUPERUSER"))
                .isEqualTo("'public;alter/**/role/**/app/**/superuser'");
        assertThat(made("search_path=it's")).isEqualTo("'it''s'");
        assertThat(made("work_mem=1'; DROP TABLE x; --")).isEqualTo("'1''; DROP TABLE x; --'");
        assertThat(StoredSetting.statement("ALTER ROLE a", "my.\"x=1"))
                .isEqualTo("ALTER ROLE a SET \"my.\"\"x\" TO '1'");
    }

    @Test
    void whatIsNoListIsRefused() {
        for (String list : new String[] {"a b", "a,", "\"a", "a,,b", "\"a\"b"}) {
            assertThatThrownBy(() -> made("search_path=" + list))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("search_path");
        }
    }

    private static String made(String stored) {
        String statement = StoredSetting.statement("ALTER ROLE a", stored);
        return statement.substring(statement.indexOf(" TO ") + 4);
    }
}
