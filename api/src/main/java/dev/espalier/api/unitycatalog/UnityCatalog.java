package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What all methods of Unity Catalog's API have in common. */
final class UnityCatalog {

    /** Where they are. */
    static final String ROOT = "/api/2.1/unity-catalog";

    static final QueryParameter CATALOG_NAME = QueryParameter.required("catalog_name", "Name of the catalog.");
    static final QueryParameter SCHEMA_NAME = QueryParameter.required("schema_name", "Name of the schema in it.");

    private UnityCatalog() {}

    /** A securable as paths and bodies name it, the type in small letters or capitals. */
    static Securable securable(String type, String fullName) {
        return SecurableNames.parse(type(type), fullName);
    }

    private static SecurableType type(String text) {
        return Arrays.stream(SecurableType.values())
                .filter(type -> type.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "\"" + text
                                + "\" is not a type of securable that there is here. Write catalog, schema, table or "
                                + "function."));
    }

    /** A privilege in either spelling: {@code USE_CATALOG}, or {@code USE CATALOG} as Unity Catalog's open source has it. */
    static Privilege privilege(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT).replace(' ', '_');
        return Arrays.stream(Privilege.values())
                .filter(privilege -> privilege.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "\"" + text + "\" is not a privilege. There are: "
                                + String.join(
                                        ", ",
                                        Arrays.stream(Privilege.values())
                                                .map(Privilege::name)
                                                .toList())
                                + "."));
    }

    /** A field that must be given. */
    static <T> T required(Optional<T> given, String field) {
        return given.orElseThrow(
                () -> new ControlException(Code.INVALID_PARAMETER_VALUE, field + " is missing. Give it."));
    }

    /** What is answered of a list: clients hold one that is empty for given, and one that is not there for what they did not give. */
    static <T> Optional<List<T>> unlessEmpty(List<T> list) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list);
    }
}
