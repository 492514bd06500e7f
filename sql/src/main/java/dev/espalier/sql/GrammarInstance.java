package dev.espalier.sql;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One parser with a memory of its own, for one caller at a time. */
final class GrammarInstance {

    /** An instance that has grown beyond this many pages of 64 KB is not kept: memory never shrinks. */
    private static final int LARGEST_TO_KEEP = 1024;

    /** Most syntax trees are shorter than this many bytes. */
    private static final int FIRST_READ = 8 << 10;

    private final EmscriptenHost host;
    private final ExportFunction allocate;
    private final ExportFunction free;
    private final ExportFunction parse;
    private final ExportFunction freeParsed;
    private final ExportFunction fingerprint;
    private final ExportFunction normalize;
    private final ExportFunction freeString;

    GrammarInstance(WasmModule module) {
        host = new EmscriptenHost(module);
        allocate = host.export("C");
        free = host.export("E");
        parse = host.export("F");
        freeParsed = host.export("G");
        fingerprint = host.export("I");
        normalize = host.export("J");
        freeString = host.export("N");
    }

    /**
     * @param text valid UTF-8 without NUL bytes
     * @return the syntax tree as JSON, in UTF-8
     * @throws SqlSyntaxException if PostgreSQL's grammar refuses the text
     */
    byte[] parse(byte[] text) throws SqlSyntaxException {
        int input = write(text);
        int result = 0;
        try {
            result = (int) parse.apply(input)[0];
            int error = memory().readInt(result + 8);
            if (error != 0) {
                // PgQueryError: message, function, file, line, position in characters from 1, context.
                int position = memory().readInt(error + 16);
                throw new SqlSyntaxException(
                        SqlSyntaxException.SYNTAX,
                        new String(string(memory().readInt(error)), StandardCharsets.UTF_8),
                        byteOffset(text, position - 1));
            }
            return string(memory().readInt(result));
        } finally {
            if (result != 0) {
                freeParsed.apply(result);
            }
            free.apply(input);
        }
    }

    /** @param text a text that {@link #parse} accepts; for others the library returns its message as if it were the result */
    String normalize(byte[] text) {
        return call(normalize, text);
    }

    /** @param text as for {@link #normalize} */
    String fingerprint(byte[] text) {
        return call(fingerprint, text);
    }

    boolean isWorthKeeping() {
        return memory().pages() <= LARGEST_TO_KEEP;
    }

    private String call(ExportFunction function, byte[] text) {
        int input = write(text);
        int result = 0;
        try {
            result = (int) function.apply(input)[0];
            return new String(string(result), StandardCharsets.UTF_8);
        } finally {
            if (result != 0) {
                freeString.apply(result);
            }
            free.apply(input);
        }
    }

    private Memory memory() {
        return host.memory();
    }

    private int write(byte[] text) {
        int address = (int) allocate.apply(text.length + 1)[0];
        if (address == 0) {
            throw new IllegalStateException("the parser has no memory left for " + text.length + " bytes of text");
        }
        memory().write(address, text);
        memory().writeByte(address + text.length, (byte) 0);
        return address;
    }

    /** Reads up to the NUL byte, in pieces instead of byte by byte. */
    private byte[] string(int address) {
        int available = memory().pages() * Memory.PAGE_SIZE - address;
        int size = FIRST_READ;
        while (true) {
            byte[] bytes = memory().readBytes(address, Math.min(size, available));
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    return Arrays.copyOf(bytes, i);
                }
            }
            if (bytes.length == available) {
                throw new IllegalStateException("the parser returned a text without an end");
            }
            size *= 8;
        }
    }

    /** Positions in messages count characters; a negative one means that there is none. */
    private static int byteOffset(byte[] text, int characters) {
        int offset = 0;
        for (int left = characters; left > 0 && offset < text.length; left--) {
            offset++;
            while (offset < text.length && (text[offset] & 0xc0) == 0x80) {
                offset++;
            }
        }
        return characters < 0 ? -1 : offset;
    }
}
