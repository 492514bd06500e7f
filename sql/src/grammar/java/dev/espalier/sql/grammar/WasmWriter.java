package dev.espalier.sql.grammar;

import java.io.ByteArrayOutputStream;

/** Writes the primitive encodings of a WebAssembly binary: the counterpart of {@link WasmReader}. */
final class WasmWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    WasmWriter writeByte(int value) {
        bytes.write(value);
        return this;
    }

    WasmWriter writeBytes(byte[] values) {
        bytes.writeBytes(values);
        return this;
    }

    WasmWriter writeUnsigned(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            bytes.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        bytes.write(rest);
        return this;
    }

    WasmWriter writeSigned(int value) {
        int rest = value;
        while (rest < -0x40 || rest > 0x3f) {
            bytes.write(rest & 0x7f | 0x80);
            rest >>= 7;
        }
        bytes.write(rest & 0x7f);
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
