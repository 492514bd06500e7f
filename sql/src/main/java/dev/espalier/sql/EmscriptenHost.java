package dev.espalier.sql;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What the parser, compiled by Emscripten, needs of the world around it: C's setjmp and longjmp, by which PostgreSQL raises
 * errors, and more memory. There is no file, clock, environment or network, so hostile text has nothing to reach.
 */
final class EmscriptenHost {

    /** Pages of 64 KB at the start; the module asks for four times as many and grows by itself. */
    private static final int INITIAL_PAGES = 544;

    /** The largest memory of one instance, in bytes. Beyond it the parser reports that it is out of memory. */
    private static final long LARGEST_MEMORY = 256L << 20;

    /** Names of the imports, which Emscripten shortens anew with each release; from the package's libpg-query.js. */
    private static final Map<String, String> IMPORTS = imports(
            "c:assert_fail x:abort w:keepalive_clear p:throw_longjmp o:setitimer q:resize_heap m:exit u:fd_close r:fd_read"
                    + " s:fd_seek t:fd_write g:invoke_i b:invoke_ii a:invoke_iii d:invoke_iiii k:invoke_iiiii l:invoke_ji"
                    + " e:invoke_v f:invoke_vi h:invoke_vii j:invoke_viii i:invoke_viiii y:invoke_viiiii"
                    + " n:invoke_viiiiiiiiiiiii v:proc_exit");

    /** C's longjmp on its way up to the setjmp; it has no stack trace, so it costs little. */
    private static final class Longjmp extends RuntimeException {
        private Longjmp() {
            super("longjmp", null, false, false);
        }
    }

    private final Instance instance;
    private final ExportFunction setThrew;
    private final ExportFunction restoreStack;
    private final ExportFunction currentStack;

    EmscriptenHost(WasmModule module) {
        ImportValues.Builder imports = ImportValues.builder();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            FunctionImport function = (FunctionImport) module.importSection().getImport(i);
            FunctionType type = module.typeSection().getType(function.typeIndex());
            imports.addFunction(
                    new HostFunction(function.module(), function.name(), type, handle(function.name(), type)));
        }
        instance = Instance.builder(module)
                .withImportValues(imports.build())
                .withMachineFactory(LibpgqueryMachine::new)
                .withMemoryFactory(
                        limits -> new ByteArrayMemory(new MemoryLimits(INITIAL_PAGES, limits.maximumPages())))
                .withStart(false)
                .build();
        setThrew = instance.export("P");
        restoreStack = instance.export("Q");
        currentStack = instance.export("R");
        instance.export("A").apply();
    }

    ExportFunction export(String name) {
        return instance.export(name);
    }

    Memory memory() {
        return instance.memory();
    }

    private static Map<String, String> imports(String names) {
        Map<String, String> imports = new HashMap<>();
        for (String name : names.split(" ")) {
            imports.put(name.substring(0, 1), name.substring(2));
        }
        return Map.copyOf(imports);
    }

    private WasmFunctionHandle handle(String shortName, FunctionType type) {
        String name = IMPORTS.getOrDefault(shortName, shortName);
        long[] nothing = new long[type.returns().size()];
        return switch (name) {
            case "throw_longjmp" ->
                (caller, arguments) -> {
                    throw new Longjmp();
                };
            case "resize_heap" -> (caller, arguments) -> new long[] {grow(caller.memory(), arguments[0] & 0xffffffffL)};
            case "fd_write" -> (caller, arguments) -> discard(caller.memory(), arguments);
            case "fd_close", "fd_read", "fd_seek", "setitimer", "keepalive_clear" -> (caller, arguments) -> nothing;
            default -> {
                if (name.startsWith("invoke_")) {
                    yield (caller, arguments) -> invoke(caller, arguments, nothing);
                }
                yield (caller, arguments) -> {
                    throw new IllegalStateException("the parser gave up (" + name + ")");
                };
            }
        };
    }

    /** Calls through the function table; where C would have come back to a setjmp, tells the caller so. */
    private long[] invoke(Instance caller, long[] arguments, long[] nothing) {
        long stack = currentStack.apply()[0];
        try {
            int function = caller.table(0).requiredRef((int) arguments[0]);
            return caller.getMachine().call(function, Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (Longjmp jump) {
            restoreStack.apply(stack);
            setThrew.apply(1, 0);
            return nothing;
        }
    }

    private static long grow(Memory memory, long bytes) {
        if (bytes > LARGEST_MEMORY) {
            return 0;
        }
        int missing = (int) ((bytes + Memory.PAGE_SIZE - 1) / Memory.PAGE_SIZE) - memory.pages();
        return missing <= 0 || memory.grow(missing) >= 0 ? 1 : 0;
    }

    /** Takes what the parser writes to standard error, and says that all of it was written. */
    private static long[] discard(Memory memory, long[] arguments) {
        int vector = (int) arguments[1];
        int total = 0;
        for (int i = 0; i < arguments[2]; i++) {
            total += memory.readInt(vector + 8 * i + 4);
        }
        memory.writeI32((int) arguments[3], total);
        return new long[] {0};
    }
}
