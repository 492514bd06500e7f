package dev.espalier.governance.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.control.request.ControlException;
import dev.espalier.governance.statement.GovernanceStatement.AlterGovernedTag;
import dev.espalier.governance.statement.GovernanceStatement.CreateGovernedTag;
import dev.espalier.governance.statement.GovernanceStatement.CreatePolicy;
import dev.espalier.governance.statement.GovernanceStatement.DescribePolicy;
import dev.espalier.governance.statement.GovernanceStatement.DropGovernedTag;
import dev.espalier.governance.statement.GovernanceStatement.DropPolicy;
import dev.espalier.governance.statement.GovernanceStatement.GrantOnTag;
import dev.espalier.governance.statement.GovernanceStatement.GrantPrivileges;
import dev.espalier.governance.statement.GovernanceStatement.RevokeOnTag;
import dev.espalier.governance.statement.GovernanceStatement.RevokePrivileges;
import dev.espalier.governance.statement.GovernanceStatement.SetComment;
import dev.espalier.governance.statement.GovernanceStatement.SetOwner;
import dev.espalier.governance.statement.GovernanceStatement.SetTags;
import dev.espalier.governance.statement.GovernanceStatement.ShowGovernedTags;
import dev.espalier.governance.statement.GovernanceStatement.ShowGrants;
import dev.espalier.governance.statement.GovernanceStatement.ShowPolicies;
import dev.espalier.governance.statement.GovernanceStatement.ShowTagGrants;
import dev.espalier.governance.statement.GovernanceStatement.UnsetTags;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Databricks' statements, and nothing of PostgreSQL's. */
class StatementReaderTest {

    private static final Securable CATALOG = new Securable(SecurableType.CATALOG, SecurableName.of("shop"));
    private static final Securable TABLE =
            new Securable(SecurableType.TABLE, SecurableName.of("shop", "public", "person"));

    private static GovernanceStatement read(String text) {
        return StatementReader.read(text).orElseThrow();
    }

    @Test
    void privilegesAreGivenAndTaken() {
        assertThat(read("GRANT SELECT, modify ON TABLE shop.public.person TO `fin.ops@example.com`;"))
                .isEqualTo(
                        new GrantPrivileges(Set.of(Privilege.SELECT, Privilege.MODIFY), TABLE, "fin.ops@example.com"));
        assertThat(read("grant use catalog, ALL PRIVILEGES on catalog `shop` to finops -- all"))
                .isEqualTo(new GrantPrivileges(
                        Set.of(Privilege.USE_CATALOG, Privilege.ALL_PRIVILEGES), CATALOG, "finops"));
        assertThat(read("REVOKE USE_SCHEMA ON SCHEMA Shop.\"Public\" FROM 'finops'"))
                .isEqualTo(new RevokePrivileges(
                        Set.of(Privilege.USE_SCHEMA),
                        new Securable(SecurableType.SCHEMA, SecurableName.of("shop", "Public")),
                        "finops"));
    }

    @Test
    void grantsAndPoliciesAreShown() {
        assertThat(read("SHOW GRANTS ON CATALOG shop")).isEqualTo(new ShowGrants(Optional.empty(), CATALOG, false));
        assertThat(read("SHOW EFFECTIVE GRANTS `ann` ON TABLE shop.public.person"))
                .isEqualTo(new ShowGrants(Optional.of("ann"), TABLE, true));
        assertThat(read("SHOW EFFECTIVE POLICIES ON TABLE shop.public.person"))
                .isEqualTo(new ShowPolicies(TABLE, true));
        assertThat(read("SHOW GRANT `ann` ON TABLE shop.public.person"))
                .isEqualTo(new ShowGrants(Optional.of("ann"), TABLE, false));
        assertThat(read("SHOW EFFECTIVE GRANT ON CATALOG shop"))
                .isEqualTo(new ShowGrants(Optional.empty(), CATALOG, true));
        assertThat(read("SHOW POLICIES ON CATALOG shop")).isEqualTo(new ShowPolicies(CATALOG, false));
        assertThat(read("DESCRIBE POLICY p ON CATALOG shop")).isEqualTo(new DescribePolicy("p", CATALOG));
        assertThat(read("DROP POLICY p ON CATALOG shop")).isEqualTo(new DropPolicy("p", CATALOG));
    }

    @Test
    void tagsAreMadeAndSet() {
        assertThat(read("CREATE GOVERNED TAG pii DESCRIPTION 'about people' VALUES ('email', 'phone')"))
                .isEqualTo(new CreateGovernedTag("pii", Optional.of("about people"), List.of("email", "phone")));
        assertThat(read("DROP GOVERNED TAG `pii`")).isEqualTo(new DropGovernedTag("pii"));
        assertThat(read("SHOW GOVERNED TAGS")).isEqualTo(new ShowGovernedTags());
        Entity column = new Entity(SecurableName.of("shop", "public", "person"), Optional.of("email"));
        assertThat(read("SET TAG ON COLUMN shop.public.person.email `pii` = `email`"))
                .isEqualTo(new SetTags(column, Map.of("pii", "email")));
        assertThat(read("ALTER TABLE shop.public.person ALTER COLUMN email SET TAGS ('pii' = 'email', 'checked')"))
                .isEqualTo(new SetTags(column, Map.of("pii", "email", "checked", "")));
        assertThat(read("ALTER SCHEMA shop.public UNSET TAGS ('a', 'b')"))
                .isEqualTo(new UnsetTags(
                        new Entity(SecurableName.of("shop", "public"), Optional.empty()), List.of("a", "b")));
        assertThat(read("UNSET TAG ON COLUMN shop.public.person.email pii"))
                .isEqualTo(new UnsetTags(column, List.of("pii")));
        assertThat(read("ALTER CATALOG shop SET OWNER TO `ann@example.com`"))
                .isEqualTo(new SetOwner("shop", "ann@example.com"));
    }

    @Test
    void namesWithoutQuotesAreInSmallLettersWhereverAColumnIsNamed() {
        Entity folded = new Entity(SecurableName.of("shop", "public", "person"), Optional.of("email"));
        Entity quoted = new Entity(SecurableName.of("shop", "public", "person"), Optional.of("Email"));
        for (String name : List.of("Email", "`email`")) {
            assertThat(read("SET TAG ON COLUMN shop.public.person." + name + " pii = email"))
                    .isEqualTo(new SetTags(folded, Map.of("pii", "email")));
            assertThat(read("ALTER TABLE shop.public.person ALTER COLUMN " + name + " SET TAGS ('pii' = 'email')"))
                    .isEqualTo(new SetTags(folded, Map.of("pii", "email")));
        }
        for (String name : List.of("`Email`", "\"Email\"")) {
            assertThat(read("SET TAG ON COLUMN shop.public.person." + name + " pii"))
                    .isEqualTo(new SetTags(quoted, Map.of("pii", "")));
            assertThat(read("ALTER TABLE shop.public.person ALTER COLUMN " + name + " SET TAGS ('pii')"))
                    .isEqualTo(new SetTags(quoted, Map.of("pii", "")));
        }
    }

    @Test
    void whatAPolicyCallsAColumnIsInSmallLettersUnlessItIsQuoted() {
        String policy = "CREATE POLICY p ON CATALOG shop COLUMN MASK system.mask.when_key TO a FOR TABLES"
                + " MATCH COLUMNS has_tag('a') AS %s, has_tag('b') %s ON COLUMN %s USING COLUMNS (%s, 'x')";
        assertThat(((CreatePolicy) read(policy.formatted("Addr", "KEY_of", "aDDr", "Key_Of"))).policy())
                .satisfies(read -> {
                    assertThat(read.match()).extracting(MatchText::alias).containsExactly("addr", "key_of");
                    assertThat(read.effect())
                            .isEqualTo(new Policy.ColumnMask(
                                    "system.mask.when_key",
                                    "addr",
                                    List.of(new Policy.Alias("key_of"), new Policy.Constant("x"))));
                });
        assertThat(((CreatePolicy) read(policy.formatted("`Addr`", "\"Key of\"", "\"Addr\"", "`Key of`"))).policy())
                .satisfies(read -> {
                    assertThat(read.match()).extracting(MatchText::alias).containsExactly("Addr", "Key of");
                    assertThat(read.effect())
                            .isEqualTo(new Policy.ColumnMask(
                                    "system.mask.when_key",
                                    "Addr",
                                    List.of(new Policy.Alias("Key of"), new Policy.Constant("x"))));
                });
    }

    @Test
    void tagsAreSetByAllWordsForAThing() {
        Entity schema = new Entity(SecurableName.of("shop", "public"), Optional.empty());
        Entity table = new Entity(SecurableName.of("shop", "public", "person"), Optional.empty());
        assertThat(read("SET TAG ON VIEW shop.public.person pii")).isEqualTo(new SetTags(table, Map.of("pii", "")));
        assertThat(read("ALTER VIEW shop.public.person SET TAGS ('pii')"))
                .isEqualTo(new SetTags(table, Map.of("pii", "")));
        assertThat(read("ALTER VIEW shop.public.person UNSET TAGS ('pii')"))
                .isEqualTo(new UnsetTags(table, List.of("pii")));
        assertThat(read("SET TAG ON DATABASE shop.public pii = email"))
                .isEqualTo(new SetTags(schema, Map.of("pii", "email")));
        assertThat(read("ALTER DATABASE shop.public UNSET TAGS ('pii')"))
                .isEqualTo(new UnsetTags(schema, List.of("pii")));
    }

    @Test
    void governedTagsAreChangedAndLentToOthers() {
        assertThat(read("ALTER GOVERNED TAG pii SET VALUES ('email', 'phone')"))
                .isEqualTo(new AlterGovernedTag("pii", Optional.empty(), Optional.of(List.of("email", "phone"))));
        assertThat(read("ALTER GOVERNED TAG pii SET VALUES ()"))
                .isEqualTo(new AlterGovernedTag("pii", Optional.empty(), Optional.of(List.of())));
        assertThat(read("ALTER GOVERNED TAG `pii` SET DESCRIPTION 'of people'"))
                .isEqualTo(new AlterGovernedTag("pii", Optional.of("of people"), Optional.empty()));
        assertThat(read("GRANT ASSIGN ON GOVERNED TAG pii TO `stewards`"))
                .isEqualTo(new GrantOnTag(Set.of(TagPrivilege.ASSIGN), "pii", "stewards"));
        assertThat(read("REVOKE MANAGE, ASSIGN ON GOVERNED TAG pii FROM stewards"))
                .isEqualTo(new RevokeOnTag(Set.of(TagPrivilege.MANAGE, TagPrivilege.ASSIGN), "pii", "stewards"));
        assertThat(read("SHOW GRANTS ON GOVERNED TAG pii")).isEqualTo(new ShowTagGrants("pii"));
        assertThat(read("GRANT MANAGE ON CATALOG shop TO ann"))
                .isEqualTo(new GrantPrivileges(Set.of(Privilege.MANAGE), CATALOG, "ann"));
    }

    @Test
    void theWordTableMayBeLeftOutOfAGrant() {
        assertThat(read("GRANT SELECT ON shop.public.person TO ann"))
                .isEqualTo(new GrantPrivileges(Set.of(Privilege.SELECT), TABLE, "ann"));
        assertThat(read("REVOKE SELECT ON VIEW shop.`public`.person FROM ann"))
                .isEqualTo(new RevokePrivileges(Set.of(Privilege.SELECT), TABLE, "ann"));
        assertThat(read("SHOW GRANTS ON shop.public.person")).isEqualTo(new ShowGrants(Optional.empty(), TABLE, false));
        assertThat(read("GRANT USE SCHEMA ON DATABASE shop.public TO ann"))
                .isEqualTo(new GrantPrivileges(
                        Set.of(Privilege.USE_SCHEMA),
                        new Securable(SecurableType.SCHEMA, SecurableName.of("shop", "public")),
                        "ann"));
    }

    @Test
    void aCommentOnACatalogIsReadAndWhatLiesInItIsCommentedOnInItsDatabase() {
        assertThat(read("COMMENT ON CATALOG shop IS 'orders'")).isEqualTo(new SetComment("shop", "orders"));
        assertThat(read("COMMENT ON CATALOG shop IS NULL")).isEqualTo(new SetComment("shop", ""));
        for (String other :
                List.of("SCHEMA shop.public", "TABLE shop.public.person", "COLUMN shop.public.person.email")) {
            assertThatThrownBy(() -> read("COMMENT ON " + other + " IS 'x'"))
                    .hasMessageContaining("say COMMENT ON there");
        }
    }

    @Test
    void constantsAreTextsNumbersAndTruths() {
        CreatePolicy policy = (CreatePolicy)
                read(
                        "CREATE POLICY p ON CATALOG shop ROW FILTER shop.public.f TO a FOR TABLES"
                                + " MATCH COLUMNS has_tag('x') AS x USING COLUMNS (x, -1, 1.5, -0.25, TRUE, false, 'it''s', 7)");
        assertThat(policy.policy().effect().using())
                .containsExactly(
                        new Policy.Alias("x"),
                        new Policy.Constant("-1"),
                        new Policy.Constant("1.5"),
                        new Policy.Constant("-0.25"),
                        new Policy.Constant("true"),
                        new Policy.Constant("false"),
                        new Policy.Constant("it's"),
                        new Policy.Constant("7"));
    }

    @Test
    void aMaskIsReadWithAllItsParts() {
        assertThat(read("""
                CREATE OR REPLACE POLICY mask_people ON CATALOG shop
                COMMENT 'it''s personal'
                COLUMN MASK system.mask.partial TO `account users`, interns EXCEPT `pii readers`
                FOR TABLES WHEN has_tag('people') AND NOT (has_tag_value('use', 'test, on') OR FALSE())
                MATCH COLUMNS has_tag_value('pii', 'email') \nAS who, has_tag('region')where_
                ON COLUMN who USING COLUMNS (1, '***', 0)
                """))
                .isEqualTo(new CreatePolicy(
                        new PolicyDefinition(
                                "mask_people",
                                Optional.of("it's personal"),
                                CATALOG,
                                Set.of("account users", "interns"),
                                Set.of("pii readers"),
                                "has_tag('people') AND NOT (has_tag_value('use', 'test, on') OR FALSE())",
                                List.of(
                                        new MatchText("who", "has_tag_value('pii', 'email')"),
                                        new MatchText("where_", "has_tag('region')")),
                                new Policy.ColumnMask(
                                        "system.mask.partial",
                                        "who",
                                        List.of(
                                                new Policy.Constant("1"),
                                                new Policy.Constant("***"),
                                                new Policy.Constant("0")))),
                        true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            has_tag('a')                      |         | has_tag('a')
            has_tag('a') who                  | who     | has_tag('a')
            has_tag('a')as Who                | who     | has_tag('a')
            has_tag('a') AS `Wh``o`           | Wh`o    | has_tag('a')
            (has_tag('a') OR TRUE)            |         | (has_tag('a') OR TRUE)
            has_tag('a') AND NOT FALSE        |         | has_tag('a') AND NOT FALSE
            has_tag('a')AND TRUE              |         | has_tag('a')AND TRUE
            TRUE                              |         | TRUE
            TRUE AS who                       | who     | TRUE
            NOT TRUE who                      | who     | NOT TRUE
            """)
    void whatAPolicyCallsAColumnMayBeLeftOut(String written, String alias, String condition) {
        CreatePolicy policy =
                (CreatePolicy) read("CREATE POLICY p ON CATALOG shop ROW FILTER shop.public.f TO a FOR TABLES"
                        + " MATCH COLUMNS " + written + ", has_tag('b')");
        assertThat(policy.policy().match())
                .containsExactly(
                        new MatchText(alias == null ? Policy.Match.UNNAMED : alias, condition),
                        new MatchText(Policy.Match.UNNAMED, "has_tag('b')"));
    }

    @Test
    void aPolicysNameIsFoldedAsOtherNamesAre() {
        assertThat(read("DROP POLICY Hide ON CATALOG shop")).isEqualTo(new DropPolicy("hide", CATALOG));
        assertThat(read("DESCRIBE POLICY `Hide` ON CATALOG shop")).isEqualTo(new DescribePolicy("Hide", CATALOG));
        CreatePolicy policy =
                (CreatePolicy) read("CREATE POLICY Hide ON CATALOG shop ROW FILTER shop.public.f TO a FOR TABLES");
        assertThat(policy.policy().name()).isEqualTo("hide");
    }

    @Test
    void onlyLettersOfAsciiAreFoldedAsPostgresqlFoldsThem() {
        assertThat(read("SHOW GRANTS ON CATALOG \u00C4MTER"))
                .isEqualTo(new ShowGrants(
                        Optional.empty(), new Securable(SecurableType.CATALOG, SecurableName.of("\u00C4mter")), false));
    }

    @Test
    void aPolicysFunctionHasItsFullNameAsTheApiHasIt() {
        CreatePolicy policy = (CreatePolicy)
                read("CREATE POLICY p ON CATALOG shop ROW FILTER `Shop`.Public.`my.filter` TO a FOR TABLES");
        assertThat(policy.policy().effect()).isEqualTo(new Policy.RowFilter("Shop.public.`my.filter`", List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/* ticket 17 */ ", "-- ticket 17\n", "\t--\n/*a*//**/\n -- b\n", ""})
    void aCommentBeforeAStatementIsLeftOut(String comment) {
        assertThat(read(comment + "GRANT SELECT ON TABLE shop.public.person TO ann"))
                .isEqualTo(new GrantPrivileges(Set.of(Privilege.SELECT), TABLE, "ann"));
        assertThat(StatementReader.read(comment + "SELECT 1")).isEmpty();
        assertThat(StatementReader.read(comment + "/* GRANT SELECT")).isEmpty();
        assertThat(StatementReader.read(comment)).isEmpty();
    }

    @Test
    void aFilterIsReadWithAllItsParts() {
        assertThat(read("""
                CREATE POLICY only_eu ON SCHEMA shop.public ROW FILTER shop.public.is_eu TO analysts
                FOR TABLES MATCH COLUMNS has_tag('region') region USING COLUMNS (region, 'EU')"""))
                .isEqualTo(new CreatePolicy(
                        new PolicyDefinition(
                                "only_eu",
                                Optional.empty(),
                                new Securable(SecurableType.SCHEMA, SecurableName.of("shop", "public")),
                                Set.of("analysts"),
                                Set.of(),
                                PolicyDefinition.ALWAYS,
                                List.of(new MatchText("region", "has_tag('region')")),
                                new Policy.RowFilter(
                                        "shop.public.is_eu",
                                        List.of(new Policy.Alias("region"), new Policy.Constant("EU")))),
                        false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SHOW server_version",
                "SET search_path = a",
                "CREATE TABLE t (a text DEFAULT $$`$$)",
                "DROP TABLE t",
                "ALTER ROLE ann SET a = 1",
                "ALTER DATABASE system SET a = 1",
                "ALTER VIEW public.v RENAME TO w",
                "-- GRANT",
                ""
            })
    void whatIsPostgresqlsIsLeftAlone(String text) {
        assertThat(StatementReader.read(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GRANT FLY ON TABLE shop.public.person TO ann         | at character 7
            GRANT SELECT ON TABLE person TO ann                  | CATALOG.SCHEMA.NAME
            GRANT SELECT ON TABLE shop.public.person             | its end
            CREATE POLICY p ON CATALOG shop ROW FILTER f TO a    | not the full name of a function
            GRANT SELECT ON METASTORE TO ann                     | CATALOG, SCHEMA, TABLE or FUNCTION
            SET TAG ON COLUMN shop.person.email pii              | CATALOG.SCHEMA.TABLE.COLUMN
            GRANT ASSIGN ON TABLE shop.public.person TO ann      | a privilege
            ALTER TABLE shop.public.person OWNER TO ann          | is said in its database
            CREATE POLICY p ON CATALOG shop ROW FILTER shop.public.f TO a FOR TABLES USING COLUMNS (NULL) | NULL is no constant
            DROP POLICY p ON CATALOG shop and more               | the end of the statement
            GRANT SELECT ON TABLE `shop                          | never ends
            """)
    void whatCannotBeReadIsRefusedWithItsPlace(String text, String why) {
        assertThatThrownBy(() -> StatementReader.read(text))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining(why);
    }
}
