package dev.espalier.api.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * Records to JSON and back, as the API writes it: snake_case names, what is empty left out, durations as {@code "300s"}, times
 * as RFC 3339, whole numbers accepted as text too. Fields that are not known are ignored; values of the wrong type are not, and nulls within lists and
 * maps neither.
 */
public final class Wire {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .changeDefaultNullHandling(_ -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
            .disable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.ACCEPT_FLOAT_AS_INT,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .withCoercionConfigDefaults(to -> to.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .withCoercionConfig(
                    LogicalType.Boolean,
                    to -> to.setCoercion(CoercionInputShape.String, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
            .addModule(new SimpleModule()
                    .addSerializer(Duration.class, new DurationJson.Writer())
                    .addDeserializer(Duration.class, new DurationJson.Reader())
                    .addDeserializer(Instant.class, new TimeReader())
                    .addDeserializer(String.class, new TextReader()))
            .build();

    private Wire() {}

    /**
     * Reads a body; none at all counts as {@code {}}.
     *
     * @throws ControlException naming the place and what belongs there
     */
    public static <T> T read(byte[] json, Class<T> type) {
        if (json.length == 0) {
            return empty(type);
        }
        try (JsonParser parser = MAPPER.createParser(json)) {
            T value = MAPPER.readValue(parser, type);
            if (value == null) {
                throw new ControlException(Code.INVALID_PARAMETER_VALUE, "the body is null. Send a JSON object.");
            }
            if (parser.nextToken() != null) {
                throw malformed(parser.currentTokenLocation(), "something follows after its end");
            }
            return value;
        } catch (DatabindException | InputCoercionException e) {
            throw new ControlException(Code.INVALID_PARAMETER_VALUE, WrongValue.message(e), e);
        } catch (JacksonException e) {
            throw malformed(e.getLocation(), e.getOriginalMessage());
        }
    }

    /** A value of the type with nothing given. */
    public static <T> T empty(Class<T> type) {
        return MAPPER.convertValue(Map.of(), type);
    }

    /** The type as Jackson sees it. */
    public static JavaType type(Class<?> type) {
        return MAPPER.constructType(type);
    }

    /** The fields that a record is written with, in their order. */
    public static List<BeanProperty> properties(Class<?> type) {
        List<BeanProperty> properties = new ArrayList<>();
        MAPPER.acceptJsonFormatVisitor(type, new JsonFormatVisitorWrapper.Base() {
            @Override
            public JsonObjectFormatVisitor expectObjectFormat(JavaType object) {
                return new JsonObjectFormatVisitor.Base(getContext()) {
                    @Override
                    public void property(BeanProperty property) {
                        properties.add(property);
                    }

                    @Override
                    public void optionalProperty(BeanProperty property) {
                        properties.add(property);
                    }
                };
            }
        });
        return properties;
    }

    /** A value as UTF-8 JSON. */
    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    private static ControlException malformed(@Nullable TokenStreamLocation place, String problem) {
        String where = place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
        return new ControlException(
                Code.BAD_REQUEST,
                "the body is not valid JSON" + where + ": " + problem + ".",
                "MALFORMED_JSON",
                Map.of());
    }
}
