package dev.espalier.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * One function of the C library. It answers as the kernel does: the result, or minus errno.
 *
 * <p>Strings are handed over byte by byte (Latin-1), because a Linux file name is bytes and need not be text; see
 * {@link Linux#bytes}.
 */
final class NativeCall {

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle handle;

    /** @param fixedArguments how many arguments come before the variadic ones; all of them for an ordinary function */
    NativeCall(String function, int fixedArguments, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(function)
                .orElseThrow(() -> new StorageException(
                        "the C library has no function " + function,
                        "Espalier keeps volumes on Linux with glibc 2.30 or newer, on amd64 or arm64"));
        FunctionDescriptor descriptor = FunctionDescriptor.of(result, arguments);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        MethodHandle typed = fixedArguments == arguments.length
                ? linker.downcallHandle(address, descriptor, errno)
                : linker.downcallHandle(address, descriptor, errno, Linker.Option.firstVariadicArg(fixedArguments));
        handle = typed.asSpreader(Object[].class, arguments.length + 1)
                .asType(MethodType.methodType(long.class, Object[].class));
    }

    NativeCall(String function, MemoryLayout result, MemoryLayout... arguments) {
        this(function, arguments.length, result, arguments);
    }

    long call(Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            for (int i = 0; i < arguments.length; i++) {
                all[i + 1] = arguments[i] instanceof String text
                        ? arena.allocateFrom(text, StandardCharsets.ISO_8859_1)
                        : arguments[i];
            }
            long result = (long) handle.invokeExact(all);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a call into the C library throws no checked exception", e);
        }
    }
}
