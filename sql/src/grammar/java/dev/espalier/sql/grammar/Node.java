package dev.espalier.sql.grammar;

import java.util.ArrayList;
import java.util.List;

/** A piece of a function's code. Branches name the block they leave (or repeat) itself, not how many blocks out it lies. */
sealed interface Node {

    /** How many instructions the piece has. */
    int size();

    /** A block, loop or if with what is in it; also the whole of a function. */
    final class Block implements Node {
        final int opcode;
        final byte[] type;
        final List<Node> body = new ArrayList<>();
        /** Empty unless {@link #hasElse}. */
        final List<Node> otherwise = new ArrayList<>();

        boolean hasElse;
        /** The block around this one; null for a function's whole code and before the first encoding. */
        Block parent;

        Block(int opcode, byte[] type) {
            this.opcode = opcode;
            this.type = type;
        }

        /** A block that neither takes nor leaves values. */
        static Block of(int opcode) {
            return new Block(opcode, new byte[] {Opcode.NOTHING});
        }

        boolean takesAndLeavesNothing() {
            return type.length == 1 && type[0] == Opcode.NOTHING;
        }

        /** @return the block that is a number of blocks further out */
        Block outward(int depth) {
            Block block = this;
            for (int i = 0; i < depth; i++) {
                block = block.parent;
            }
            return block;
        }

        @Override
        public int size() {
            return 2 + sizeOf(body) + sizeOf(otherwise);
        }
    }

    /** Any instruction that is carried over as it is. */
    record Plain(byte[] encoded) implements Node {
        int opcode() {
            return encoded[0] & 0xff;
        }

        @Override
        public int size() {
            return 1;
        }
    }

    /** An access to a local variable. */
    record Local(int opcode, int index) implements Node {
        @Override
        public int size() {
            return 1;
        }
    }

    /** A branch; only {@code br_table} has more than one target, the last of which is its default. */
    record Branch(int opcode, List<Block> targets) implements Node {
        @Override
        public int size() {
            return 1;
        }
    }

    static int sizeOf(List<Node> nodes) {
        return nodes.stream().mapToInt(Node::size).sum();
    }

    static Node constant(int value) {
        return new Plain(
                new WasmWriter().writeByte(Opcode.I32_CONST).writeSigned(value).toBytes());
    }

    static Node plain(int opcode) {
        return new Plain(new byte[] {(byte) opcode});
    }

    static Node indexed(int opcode, int index) {
        return new Plain(new WasmWriter().writeByte(opcode).writeUnsigned(index).toBytes());
    }

    static Node get(int local) {
        return new Local(Opcode.LOCAL_GET, local);
    }

    static Node set(int local) {
        return new Local(Opcode.LOCAL_SET, local);
    }

    static Node br(Block target) {
        return new Branch(Opcode.BR, List.of(target));
    }

    static Node brTable(List<Block> targets) {
        return new Branch(Opcode.BR_TABLE, List.copyOf(targets));
    }
}
