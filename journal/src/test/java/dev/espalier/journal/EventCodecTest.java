package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EventCodecTest {

    @Test
    void whatIsEncodedIsDecoded() {
        Event statement = Events.statement("s-1", "SELECT 'žluťoučký 🐎 \0 kůň'");
        Event audit = Events.audit("createBranch");

        assertThat(EventCodec.decode(EventCodec.encode(statement))).isEqualTo(statement);
        assertThat(EventCodec.decode(EventCodec.encode(audit))).isEqualTo(audit);
        Event usage = Events.usage("u-1");
        assertThat(EventCodec.decode(EventCodec.encode(usage))).isEqualTo(usage);
    }

    @Test
    void numbersOfAnySizeAreKept() {
        for (long number : new long[] {0, 1, 127, 128, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            EventWriter writer = new EventWriter();
            writer.number(number);
            assertThat(new EventReader(writer.toBytes()).number()).isEqualTo(number);
        }
    }

    @Test
    void aTextIsCutAtTheLongestAndSaysSo() {
        String horses = "🐎".repeat(StatementEvent.MAX_TEXT);
        StatementEvent event = Events.statement("s-1", "x" + horses);

        assertThat(event.truncated()).isTrue();
        assertThat(event.text()).hasSize(StatementEvent.MAX_TEXT - 1).endsWith("🐎");
        assertThat(EventCodec.decode(EventCodec.encode(event))).isEqualTo(event);
    }

    @Test
    void anEventOfALaterVersionIsRefused() {
        byte[] encoded = EventCodec.encode(Events.audit("createBranch"));
        encoded[1] = 2;
        assertThatThrownBy(() -> EventCodec.decode(encoded))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("kind 2 in version 2");
    }
}
