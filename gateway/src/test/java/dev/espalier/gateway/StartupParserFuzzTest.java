package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.espalier.gateway.StartupPacket.StartupMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whatever a client begins with: a packet, the wish for more bytes, or a refusal. Nothing else is thrown. */
class StartupParserFuzzTest {

    @FuzzTest
    void anyBytesAreAPacketOrRefused(byte[] data) {
        ByteBuf in = Unpooled.wrappedBuffer(data);
        try {
            Optional<StartupPacket> packet = StartupParser.parse(in);
            if (packet.isEmpty()) {
                assertThat(in.readerIndex()).isZero();
            } else {
                assertThat(in.readerIndex())
                        .isEqualTo(Unpooled.wrappedBuffer(data).getInt(0));
            }
        } catch (Refusal e) {
            assertThat(e.reason()).isNotEmpty();
        }
    }

    @FuzzTest
    void anyOptionsAreSettingsOrRefused(FuzzedDataProvider data) {
        String options = data.consumeRemainingAsString();
        try {
            StartupOptions read = StartupOptions.of(Map.of("options", options));
            assertThat(read.settings()).doesNotContainKeys("ignore_system_indexes", "log_connections");
            assertThat(read.settings().keySet()).noneMatch(name -> name.startsWith("espalier."));
        } catch (Refusal e) {
            assertThat(e.reason()).isNotEmpty();
        }
    }

    @Test
    void everyBeginningOfAPacketAsksForMore() throws Refusal {
        byte[] packet = WireClient.startupPacket(3 << 16, "application_name", "psql", "_pq_.x", "1");
        for (int length = 0; length < packet.length; length++) {
            assertThat(StartupParser.parse(Unpooled.wrappedBuffer(packet, 0, length)))
                    .isEmpty();
        }
        assertThat(StartupParser.parse(Unpooled.wrappedBuffer(packet)))
                .get()
                .isInstanceOfSatisfying(StartupMessage.class, message -> {
                    assertThat(message.parameters())
                            .isEqualTo(Map.of("user", "ann", "database", "catalog", "application_name", "psql"));
                    assertThat(message.protocolOptions()).containsExactly("_pq_.x");
                });
    }

    @Test
    void optionsAreReadAsPostgresReadsThem() throws Refusal {
        StartupOptions read = StartupOptions.of(Map.of(
                "options", " -c geqo=off -cwork_mem=1MB  --search-path=a\\ b,c -c espalier.Branch=x",
                "TimeZone", "UTC",
                "espalier.project", "shop",
                "application_name", "tool"));
        assertThat(read.settings())
                .isEqualTo(Map.of("geqo", "off", "work_mem", "1MB", "search_path", "a b,c", "timezone", "UTC"));
        assertThat(read.own()).isEqualTo(Map.of("branch", "x", "project", "shop"));
        assertThat(read.applicationName()).isEqualTo("tool");
    }
}
