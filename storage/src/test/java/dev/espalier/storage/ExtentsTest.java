package dev.espalier.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtentsTest {

    private static final int DISK = 200;

    @Test
    void unionAndDifferenceAreThoseOfTheBytes() {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            BitSet bitsA = new BitSet();
            BitSet bitsB = new BitSet();
            Extents a = randomRanges(random, bitsA);
            Extents b = randomRanges(random, bitsB);
            assertThat(a.bytes())
                    .as("union, -Despalier.seed=%d, round %d", seed, round)
                    .isEqualTo(bitsA.cardinality());

            bitsA.andNot(bitsB);
            Extents difference = a.minus(b);
            assertThat(difference.bytes())
                    .as("difference, -Despalier.seed=%d, round %d", seed, round)
                    .isEqualTo(bitsA.cardinality());
            assertThat(difference.isEmpty()).isEqualTo(bitsA.isEmpty());
            assertThat(difference.minus(b).bytes()).isEqualTo(difference.bytes());
        }
    }

    private static Extents randomRanges(Random random, BitSet bits) {
        Extents.Collector collector = new Extents.Collector();
        int ranges = random.nextInt(100);
        for (int i = 0; i < ranges; i++) {
            int start = random.nextInt(DISK);
            int end = start + random.nextInt(10);
            collector.add(start, end);
            bits.set(start, end);
        }
        return collector.extents();
    }
}
