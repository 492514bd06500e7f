package dev.espalier.api.openapi;

import dev.espalier.api.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;

/** JSON Schemas of the records that the API reads and writes, made from the records themselves. */
final class Schemas {

    private static final Map<Class<?>, Map<String, Object>> PLAIN = Map.ofEntries(
            Map.entry(String.class, Map.of("type", "string")),
            Map.entry(Boolean.class, Map.of("type", "boolean")),
            Map.entry(boolean.class, Map.of("type", "boolean")),
            Map.entry(Integer.class, Map.of("type", "integer", "format", "int32")),
            Map.entry(int.class, Map.of("type", "integer", "format", "int32")),
            Map.entry(Long.class, Map.of("type", "integer", "format", "int64")),
            Map.entry(long.class, Map.of("type", "integer", "format", "int64")),
            Map.entry(OptionalLong.class, Map.of("type", "integer", "format", "int64")),
            Map.entry(Double.class, Map.of("type", "number", "format", "double")),
            Map.entry(double.class, Map.of("type", "number", "format", "double")),
            Map.entry(Instant.class, Map.of("type", "string", "format", "date-time")),
            Map.entry(
                    Duration.class,
                    Map.of("type", "string", "pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$", "examples", List.of("300s"))));

    private final Map<String, Object> named = new TreeMap<>();

    /** The schemas that others refer to, by name. */
    Map<String, Object> named() {
        return named;
    }

    /** The schema of a type; that of a record is a reference. */
    Map<String, Object> of(Class<?> type) {
        return of(Wire.type(type));
    }

    private Map<String, Object> of(JavaType type) {
        Class<?> raw = type.getRawClass();
        Map<String, Object> plain = PLAIN.get(raw);
        if (plain != null) {
            return plain;
        }
        if (raw == Optional.class) {
            return of(type.getContentType());
        }
        if (type.isCollectionLikeType()) {
            return Map.of("type", "array", "items", of(type.getContentType()));
        }
        if (type.isMapLikeType()) {
            return Map.of("type", "object", "additionalProperties", of(type.getContentType()));
        }
        if (type.isEnumType()) {
            List<String> values =
                    Arrays.stream(raw.getEnumConstants()).map(String::valueOf).toList();
            return Map.of("type", "string", "enum", values);
        }
        return raw.isRecord() ? reference(raw) : Map.of();
    }

    private Map<String, Object> reference(Class<?> type) {
        String name =
                type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
        if (!named.containsKey(name)) {
            named.put(name, Map.of());
            named.put(name, object(type));
        }
        return Map.of("$ref", "#/components/schemas/" + name);
    }

    private Map<String, Object> object(Class<?> type) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (BeanProperty property : Wire.properties(type)) {
            Map<String, Object> schema = new LinkedHashMap<>(of(property.getType()));
            Optional.ofNullable(property.getMetadata().getDescription())
                    .ifPresent(meaning -> schema.put("description", meaning));
            properties.put(property.getName(), schema);
            if (!isOptional(property.getType().getRawClass())) {
                required.add(property.getName());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>(Map.of("type", "object"));
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        return schema;
    }

    private static boolean isOptional(Class<?> type) {
        return type == Optional.class || type == OptionalLong.class;
    }
}
