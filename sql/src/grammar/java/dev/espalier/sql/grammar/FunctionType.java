package dev.espalier.sql.grammar;

import java.util.List;

/**
 * The signature of a function.
 *
 * @param parameters value types, as the bytes of the binary format
 * @param results the same
 */
record FunctionType(List<Integer> parameters, List<Integer> results) {

    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    static final int F32 = 0x7d;
    static final int F64 = 0x7c;

    private static final int FORM = 0x60;

    static FunctionType read(WasmReader in) {
        if (in.readByte() != FORM) {
            throw new IllegalArgumentException("the module has a type that is not a function's");
        }
        return new FunctionType(readTypes(in), readTypes(in));
    }

    void write(WasmWriter out) {
        out.writeByte(FORM).writeUnsigned(parameters.size());
        parameters.forEach(out::writeByte);
        out.writeUnsigned(results.size());
        results.forEach(out::writeByte);
    }

    private static List<Integer> readTypes(WasmReader in) {
        byte[] types = in.readBytes(in.readUnsigned());
        Integer[] values = new Integer[types.length];
        for (int i = 0; i < types.length; i++) {
            values[i] = types[i] & 0xff;
        }
        return List.of(values);
    }
}
