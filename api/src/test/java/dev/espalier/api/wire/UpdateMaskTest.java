package dev.espalier.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateMaskTest {

    private static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(
            List.of("spec.display_name", "spec.settings", "spec.settings.size", "spec.tags"),
            Map.of("spec.size", "spec.settings.size"));

    @ParameterizedTest
    @ValueSource(strings = {"*", "spec", "", " , ", "spec.display_name,*"})
    void everythingMeansWhatIsGiven(String text) {
        UpdateMask mask = UpdateMask.parse(Optional.of(text), FIELDS);

        assertThat(mask.value("spec.settings.size", Optional.of(1))).contains(1);
        assertThat(mask.value("spec.settings.size", Optional.empty())).isEmpty();
        assertThat(mask.value("spec.tags", Optional.<List<String>>empty(), List.of()))
                .isEmpty();
    }

    @Test
    void noMaskMeansWhatIsGiven() {
        assertThat(UpdateMask.parse(Optional.empty(), FIELDS).value("spec.display_name", Optional.of("n")))
                .contains("n");
    }

    @Test
    void aFieldThatIsNotNamedStays() {
        UpdateMask mask = UpdateMask.parse(Optional.of("spec.tags"), FIELDS);

        assertThat(mask.value("spec.display_name", Optional.of("n"))).isEmpty();
    }

    @Test
    void aPathMeansWhatIsGivenBelowIt() {
        UpdateMask mask = UpdateMask.parse(Optional.of("spec.settings"), FIELDS);

        assertThat(mask.value("spec.settings.size", Optional.of(1))).contains(1);
        assertThat(mask.value("spec.settings.size", Optional.empty())).isEmpty();
    }

    @Test
    void severalPathsAndSynonymsAreTaken() {
        UpdateMask mask = UpdateMask.parse(Optional.of(" spec.size , spec.display_name"), FIELDS);

        assertThat(mask.value("spec.settings.size", Optional.of(1))).contains(1);
        assertThat(mask.value("spec.display_name", Optional.of("n"))).contains("n");
    }

    @Test
    void aNamedFieldWithoutValueIsRefusedUnlessItHasOneWhenAbsent() {
        UpdateMask mask = UpdateMask.parse(Optional.of("spec.display_name,spec.tags"), FIELDS);

        assertThatThrownBy(() -> mask.value("spec.display_name", Optional.empty()))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("update_mask names spec.display_name, and the body has no value for it");
        assertThat(mask.value("spec.tags", Optional.<List<String>>empty(), List.of()))
                .contains(List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"spec.displayName", "display_name", "spec.", "status", "spec.tags,spec.nothing"})
    void anUnknownPathIsRefusedWithTheOnesThereAre(String text) {
        assertThatThrownBy(() -> UpdateMask.parse(Optional.of(text), FIELDS))
                .isInstanceOfSatisfying(
                        ControlException.class,
                        e -> assertThat(e.code()).isEqualTo(ControlException.Code.INVALID_PARAMETER_VALUE))
                .hasMessageContaining("spec.display_name, spec.settings, spec.settings.size, spec.tags");
    }
}
