package dev.espalier.sql.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A WebAssembly module whose functions can be replaced and added to. Everything but types, functions, globals and code is
 * carried over byte for byte.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/modules.html">The binary format of modules</a>
 */
final class WasmModule {

    private static final int HEADER = 8;
    private static final int TYPE_SECTION = 1;
    private static final int IMPORT_SECTION = 2;
    private static final int FUNCTION_SECTION = 3;
    private static final int GLOBAL_SECTION = 6;
    private static final int CODE_SECTION = 10;

    private record Section(int id, byte[] content) {}

    private final byte[] header;
    private final List<Section> sections = new ArrayList<>();
    private final List<FunctionType> types = new ArrayList<>();
    private final List<Integer> typeOfFunction = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final WasmWriter addedGlobals = new WasmWriter();
    private int addedGlobalCount;
    private int importedFunctions;
    private int globals;

    WasmModule(byte[] binary) {
        header = Arrays.copyOf(binary, HEADER);
        WasmReader in = new WasmReader(binary);
        in.skip(HEADER);
        while (in.hasMore()) {
            Section section = new Section(in.readByte(), in.readBytes(in.readUnsigned()));
            sections.add(section);
            read(section);
        }
    }

    private void read(Section section) {
        if (section.id == 0) {
            return;
        }
        WasmReader in = new WasmReader(section.content);
        int count = in.readUnsigned();
        switch (section.id) {
            case TYPE_SECTION -> repeat(count, () -> types.add(FunctionType.read(in)));
            case IMPORT_SECTION -> repeat(count, () -> readImport(in));
            case FUNCTION_SECTION -> repeat(count, () -> typeOfFunction.add(in.readUnsigned()));
            case GLOBAL_SECTION -> globals += count;
            case CODE_SECTION -> repeat(count, () -> bodies.add(in.readBytes(in.readUnsigned())));
            default -> {}
        }
    }

    private void readImport(WasmReader in) {
        in.skip(in.readUnsigned());
        in.skip(in.readUnsigned());
        if (in.readByte() != 0) {
            throw new IllegalArgumentException("the module imports something that is not a function");
        }
        in.skipNumber();
        importedFunctions++;
    }

    private static void repeat(int count, Runnable step) {
        for (int i = 0; i < count; i++) {
            step.run();
        }
    }

    /** @return how many functions the module defines itself; they are named by 0 to this number minus one */
    int functionCount() {
        return bodies.size();
    }

    FunctionType typeOf(int function) {
        return types.get(typeOfFunction.get(function));
    }

    byte[] body(int function) {
        return bodies.get(function);
    }

    void replaceBody(int function, byte[] body) {
        bodies.set(function, body);
    }

    /** @return the index by which a {@code call} instruction names the new function */
    int addFunction(FunctionType type, byte[] body) {
        int index = types.indexOf(type);
        if (index < 0) {
            index = types.size();
            types.add(type);
        }
        typeOfFunction.add(index);
        bodies.add(body);
        return importedFunctions + bodies.size() - 1;
    }

    /** @return the index of a new variable global, which begins with zero */
    int addGlobal(int valueType) {
        addedGlobals.writeByte(valueType).writeByte(1);
        switch (valueType) {
            case FunctionType.I32 -> addedGlobals.writeByte(Opcode.I32_CONST).writeByte(0);
            case FunctionType.I64 -> addedGlobals.writeByte(Opcode.I64_CONST).writeByte(0);
            case FunctionType.F32 -> addedGlobals.writeByte(Opcode.F32_CONST).writeBytes(new byte[4]);
            case FunctionType.F64 -> addedGlobals.writeByte(Opcode.F64_CONST).writeBytes(new byte[8]);
            default -> throw new IllegalArgumentException("no global can be made for value type " + valueType);
        }
        addedGlobals.writeByte(Opcode.END);
        return globals + addedGlobalCount++;
    }

    byte[] toBytes() {
        WasmWriter out = new WasmWriter().writeBytes(header);
        for (Section section : sections) {
            byte[] content = content(section);
            out.writeByte(section.id).writeUnsigned(content.length).writeBytes(content);
        }
        return out.toBytes();
    }

    private byte[] content(Section section) {
        WasmWriter out = new WasmWriter();
        switch (section.id) {
            case TYPE_SECTION -> {
                out.writeUnsigned(types.size());
                types.forEach(type -> type.write(out));
            }
            case FUNCTION_SECTION -> {
                out.writeUnsigned(typeOfFunction.size());
                typeOfFunction.forEach(out::writeUnsigned);
            }
            case GLOBAL_SECTION -> {
                WasmReader in = new WasmReader(section.content);
                out.writeUnsigned(in.readUnsigned() + addedGlobalCount)
                        .writeBytes(in.readRest())
                        .writeBytes(addedGlobals.toBytes());
            }
            case CODE_SECTION -> {
                out.writeUnsigned(bodies.size());
                bodies.forEach(body -> out.writeUnsigned(body.length).writeBytes(body));
            }
            default -> out.writeBytes(section.content);
        }
        return out.toBytes();
    }
}
