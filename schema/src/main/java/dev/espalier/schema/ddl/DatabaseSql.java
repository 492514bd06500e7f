package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Set;

/** The database itself. It is made and dropped by statements that are run in another one. */
final class DatabaseSql implements ObjectSql {

    /** Says encoding and locale, so that a server whose template has others refuses instead of sorting otherwise. */
    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        String locale = object.detail("provider").equals("icu") ? "ICU_LOCALE" : "BUILTIN_LOCALE";
        return List.of("CREATE " + Reference.of(object)
                + clause("ENCODING", object.detail("encoding"))
                + " LOCALE_PROVIDER " + object.detail("provider")
                + clause(locale, object.detail("locale"))
                + clause("ICU_RULES", object.detail("rules"))
                + clause("LC_COLLATE", object.detail("lc_collate"))
                + clause("LC_CTYPE", object.detail("lc_ctype")));
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        throw new IllegalStateException("a database has no other properties than owner, comment and privileges");
    }

    private static String clause(String word, String value) {
        return value.isEmpty() ? "" : " " + word + " " + Names.literal(value);
    }
}
