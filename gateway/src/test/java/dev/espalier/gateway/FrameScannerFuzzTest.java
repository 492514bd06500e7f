package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a stream is cut into reads, the same messages are found and the same bytes are passed on. */
class FrameScannerFuzzTest {

    /** What a scanner made of a stream. */
    private static final class Seen implements FrameScanner.Frames {
        final List<String> frames = new ArrayList<>();
        final ByteArrayOutputStream passed = new ByteArrayOutputStream();

        private final int hold;

        /** The number of the message that is refused, from 1; 0 for none. */
        private final int refused;

        Seen(int hold) {
            this(hold, 0);
        }

        Seen(int hold, int refused) {
            this.hold = hold;
            this.refused = refused;
        }

        @Override
        public int hold(byte type) {
            return hold;
        }

        @Override
        public int collect(byte type) {
            return 3;
        }

        @Override
        public boolean frame(byte type, ByteBuf in, int at, int available, int length) throws Refusal {
            assertThat(available).isBetween(0, length);
            int seen = Math.min(3, available);
            frames.add(type + ":" + length + ":" + ByteBufUtil.hexDump(in, at, seen));
            if (frames.size() == refused) {
                throw new Refusal("54000", "refused", "");
            }
            // Of one that flows through the answer would not count.
            return type != 'F' || length > 0;
        }

        @Override
        public void forward(ByteBuf range) {
            passed.writeBytes(ByteBufUtil.getBytes(range));
            range.release();
        }
    }

    private static Seen scan(byte[] stream, int hold, FuzzedDataProvider cuts) {
        Seen seen = new Seen(hold);
        FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, seen);
        int at = 0;
        try {
            while (at < stream.length) {
                int bytes = cuts == null ? stream.length : cuts.consumeInt(1, 12);
                int end = Math.min(stream.length, at + bytes);
                scanner.scan(Unpooled.copiedBuffer(stream, at, end - at));
                at = end;
            }
            seen.frames.add("end");
        } catch (Refusal e) {
            seen.frames.add(e.sqlState());
        }
        scanner.release();
        return seen;
    }

    @FuzzTest
    void cutsMakeNoDifference(FuzzedDataProvider data) {
        int hold = data.consumeInt(FrameScanner.HEADER, 40);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int messages = data.consumeInt(0, 12);
        for (int i = 0; i < messages; i++) {
            byte type = data.pickValue(new byte[] {'D', 'F', 'Q', 'S'});
            stream.writeBytes(WireClient.message((char) type, data.consumeBytes(60)));
        }
        compare(stream.toByteArray(), hold, data);
    }

    @FuzzTest
    void anyBytesAreMessagesOrRefused(FuzzedDataProvider data) {
        int hold = data.consumeInt(FrameScanner.HEADER, 40);
        compare(data.consumeBytes(400), hold, data);
    }

    private static void compare(byte[] stream, int hold, FuzzedDataProvider cuts) {
        Seen whole = scan(stream, hold, null);
        Seen cut = scan(stream, hold, cuts);
        // A large message is told as soon as its beginning is there; so only one that is cut off may tell them apart.
        int complete = Math.min(whole.frames.size(), cut.frames.size()) - 1;
        assertThat(cut.frames.subList(0, complete)).isEqualTo(whole.frames.subList(0, complete));
        assertThat(cut.frames.getLast()).isEqualTo(whole.frames.getLast());
        assertThat(ByteBufUtil.hexDump(cut.passed.toByteArray()))
                .isEqualTo(ByteBufUtil.hexDump(whole.passed.toByteArray()));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 40, 1000})
    void everyCutOfAStreamGivesTheSame(int hold) throws Refusal {
        byte[] stream = WireClient.bytes(
                WireClient.message('Q', "SELECT 1"),
                WireClient.message('S'),
                WireClient.message('F', new byte[70]),
                WireClient.message('D', new byte[33]),
                WireClient.message('F'),
                WireClient.message('Q', ""));
        Seen whole = scan(stream, hold, null);
        assertThat(whole.frames).hasSize(7);
        for (int cut = 1; cut < stream.length; cut++) {
            Seen seen = new Seen(hold);
            FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, seen);
            scanner.scan(Unpooled.copiedBuffer(stream, 0, cut));
            scanner.scan(Unpooled.copiedBuffer(stream, cut, stream.length - cut));
            seen.frames.add("end");
            assertThat(seen.frames).as("cut at " + cut).isEqualTo(whole.frames);
            assertThat(seen.passed.toByteArray()).as("cut at " + cut).isEqualTo(whole.passed.toByteArray());
        }
    }

    /** Each message of the stream, whichever of them is refused, and nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {5, 6, 40, 1000})
    void aRefusedMessageTakesNoOtherWithIt(int hold) throws Refusal {
        byte[] stream = WireClient.bytes(
                WireClient.message('Q', "SELECT 1"),
                WireClient.message('S'),
                WireClient.message('D', new byte[70]),
                WireClient.message('F'),
                WireClient.message('D', WireClient.message('E', "row bytes like an error")),
                WireClient.message('Q', ""));
        List<String> all = scan(stream, hold, null).frames;
        for (int refused = 1; refused < all.size(); refused++) {
            for (int cut = 1; cut <= stream.length; cut++) {
                Seen seen = new Seen(hold, refused);
                UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
                FrameScanner scanner = new FrameScanner(allocator, seen);
                scanAll(scanner, Unpooled.copiedBuffer(stream, 0, cut));
                scanAll(scanner, Unpooled.copiedBuffer(stream, cut, stream.length - cut));
                seen.frames.add("end");
                assertThat(seen.frames)
                        .as("message " + refused + " refused, cut at " + cut)
                        .isEqualTo(all);
                assertThat(allocator.metric().usedHeapMemory()).isZero();
            }
        }
    }

    @FuzzTest
    void whicheverMessageIsRefusedTheOthersAreFound(FuzzedDataProvider data) throws Refusal {
        int hold = data.consumeInt(FrameScanner.HEADER, 40);
        Seen seen = new Seen(hold, data.consumeInt(1, 12));
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int messages = data.consumeInt(0, 12);
        for (int i = 0; i < messages; i++) {
            byte type = data.pickValue(new byte[] {'D', 'F', 'Q', 'S'});
            stream.writeBytes(WireClient.message((char) type, data.consumeBytes(60)));
        }
        FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, seen);
        byte[] bytes = stream.toByteArray();
        int at = 0;
        while (at < bytes.length) {
            int end = Math.min(bytes.length, at + data.consumeInt(1, 12));
            scanAll(scanner, Unpooled.copiedBuffer(bytes, at, end - at));
            at = end;
        }
        seen.frames.add("end");
        assertThat(seen.frames).isEqualTo(scan(bytes, hold, null).frames);
    }

    /** Goes on behind a message that is refused. */
    private static void scanAll(FrameScanner scanner, ByteBuf in) throws Refusal {
        try {
            scanner.scan(in);
        } catch (Refusal e) {
            scanner.resume();
        }
    }

    @Test
    void onlyAMessageWhoseBeginningWasPassedOnIsOneThatCannotBeBrokenOff() throws Refusal {
        byte[] large = WireClient.message('D', new byte[70]);
        Seen seen = new Seen(40);
        FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, seen);
        // Of the message three bytes are looked at.
        scanner.scan(Unpooled.copiedBuffer(large, 0, 7));
        assertThat(scanner.isWithinFrame()).isFalse();
        scanner.scan(Unpooled.copiedBuffer(large, 7, 67));
        assertThat(scanner.isWithinFrame()).isTrue();
        assertThat(seen.passed.size()).isEqualTo(74);
        scanner.scan(Unpooled.copiedBuffer(large, 74, 1));
        assertThat(scanner.isWithinFrame()).isFalse();
    }

    @Test
    void ofARefusedMessageNothingIsPassedOn() throws Refusal {
        byte[] stream = WireClient.bytes(WireClient.message('S'), WireClient.message('D', new byte[70]));
        for (int cut = 1; cut < stream.length; cut++) {
            Seen seen = new Seen(40, 2);
            FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, seen);
            scanAll(scanner, Unpooled.copiedBuffer(stream, 0, cut));
            scanAll(scanner, Unpooled.copiedBuffer(stream, cut, stream.length - cut));
            assertThat(seen.passed.toByteArray()).as("cut at " + cut).isEqualTo(WireClient.message('S'));
            assertThat(scanner.isWithinFrame()).isFalse();
        }
    }

    @Test
    void behindAMessageOfNoPossibleLengthNothingIsFound() {
        Seen seen = new Seen(40);
        FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, seen);
        byte[] stream = WireClient.bytes(WireClient.message('S'), new byte[] {'D'}, 3, WireClient.message('Q', "x"));
        assertThatThrownBy(() -> scanner.scan(Unpooled.copiedBuffer(stream))).isInstanceOf(Refusal.class);
        assertThatCode(() -> {
                    scanner.resume();
                    scanner.scan(Unpooled.copiedBuffer(WireClient.message('Q', "y")));
                })
                .doesNotThrowAnyException();
        assertThat(seen.frames).hasSize(1);
        assertThat(scanner.hasKept()).isFalse();
    }

    @Test
    void buffersAreGivenBack() throws Refusal {
        List<ByteBuf> ranges = new ArrayList<>();
        FrameScanner scanner = new FrameScanner(UnpooledByteBufAllocator.DEFAULT, new FrameScanner.Frames() {
            @Override
            public int hold(byte type) {
                return 40;
            }

            @Override
            public int collect(byte type) {
                return 0;
            }

            @Override
            public boolean frame(byte type, ByteBuf in, int at, int available, int length) {
                return true;
            }

            @Override
            public void forward(ByteBuf range) {
                ranges.add(range);
            }
        });
        ByteBuf read = Unpooled.copiedBuffer(WireClient.bytes(WireClient.message('S'), new byte[] {'D', 0, 0}));
        scanner.scan(read);
        assertThat(read.refCnt()).isEqualTo(1);
        ranges.forEach(ByteBuf::release);
        assertThat(read.refCnt()).isZero();
        scanner.release();
    }
}
