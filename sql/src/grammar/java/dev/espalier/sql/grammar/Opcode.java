package dev.espalier.sql.grammar;

/** The instructions that this package reads or writes by name. */
final class Opcode {

    static final int UNREACHABLE = 0x00;
    static final int BLOCK = 0x02;
    static final int LOOP = 0x03;
    static final int IF = 0x04;
    static final int ELSE = 0x05;
    static final int END = 0x0b;
    static final int BR = 0x0c;
    static final int BR_IF = 0x0d;
    static final int BR_TABLE = 0x0e;
    static final int RETURN = 0x0f;
    static final int CALL = 0x10;
    static final int LOCAL_GET = 0x20;
    static final int LOCAL_SET = 0x21;
    static final int LOCAL_TEE = 0x22;
    static final int GLOBAL_GET = 0x23;
    static final int GLOBAL_SET = 0x24;
    static final int I32_CONST = 0x41;
    static final int I64_CONST = 0x42;
    static final int F32_CONST = 0x43;
    static final int F64_CONST = 0x44;
    static final int I32_EQ = 0x46;
    static final int I32_LESS_UNSIGNED = 0x49;
    static final int I32_SUBTRACT = 0x6b;

    /** The block type of a block that takes and leaves nothing. */
    static final int NOTHING = 0x40;

    private Opcode() {}

    /** Reads past what follows an opcode that is neither a block's, a branch nor an access to a local. */
    static void skipImmediates(WasmReader in, int opcode) {
        switch (opcode) {
            case CALL, GLOBAL_GET, GLOBAL_SET, 0x25, 0x26, I32_CONST, I64_CONST, 0xd2 -> in.skipNumber();
            case 0x11 -> skipNumbers(in, 2); // call_indirect
            case 0x3f, 0x40, 0xd0 -> in.skip(1); // memory.size, memory.grow, ref.null
            case F32_CONST -> in.skip(4);
            case F64_CONST -> in.skip(8);
            case 0x1c -> in.skip(in.readUnsigned()); // select with types
            case 0xfc -> skipExtended(in);
            default -> {
                if (opcode >= 0x28 && opcode <= 0x3e) { // loads and stores: alignment and offset
                    skipNumbers(in, 2);
                } else if (!hasNoImmediates(opcode)) {
                    throw new IllegalArgumentException("unknown instruction 0x" + Integer.toHexString(opcode));
                }
            }
        }
    }

    private static boolean hasNoImmediates(int opcode) {
        return opcode <= 0x01
                || opcode == RETURN
                || opcode == 0x1a
                || opcode == 0x1b
                || opcode >= 0x45 && opcode <= 0xc4;
    }

    private static void skipExtended(WasmReader in) {
        int operation = in.readUnsigned();
        switch (operation) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> {} // saturating conversions
            case 8, 10, 12, 14 -> skipNumbers(in, 2); // memory.init, memory.copy, table.init, table.copy
            case 9, 11, 13, 15, 16, 17 -> in.skipNumber();
            default -> throw new IllegalArgumentException("unknown instruction 0xfc " + operation);
        }
    }

    private static void skipNumbers(WasmReader in, int count) {
        for (int i = 0; i < count; i++) {
            in.skipNumber();
        }
    }
}
