package dev.espalier.sql.grammar;

import com.dylibso.chicory.build.time.compiler.Config;
import com.dylibso.chicory.build.time.compiler.Generator;
import com.dylibso.chicory.compiler.InterpreterFallback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;

/** Compiles PostgreSQL's grammar, a WebAssembly module, to JVM class files. Runs in the build, before the compiler. */
final class CompileGrammar {

    /** Functions above this many instructions are split. At this size Chicory's methods leave the JIT's reach. */
    private static final int LARGE = 3_000;

    /** A switch with fewer arms than this is not what makes a function large. */
    private static final int MANY_ARMS = 20;

    /** The trees are as deep as the switches are long: far deeper than a default stack. */
    private static final long STACK_BYTES = 1L << 30;

    private CompileGrammar() {}

    /** Arguments: the module, its SHA-256, the name of the class to make, the folder for class files. */
    public static void main(String[] arguments) throws InterruptedException {
        Path module = Path.of(arguments[0]);
        Path classes = Path.of(arguments[3]);
        Throwable[] failure = new Throwable[1];
        Thread compiler = new Thread(
                null,
                () -> {
                    try {
                        compile(module, arguments[1], arguments[2], classes);
                    } catch (IOException | RuntimeException | Error e) {
                        failure[0] = e;
                    }
                },
                "grammar",
                STACK_BYTES);
        compiler.start();
        compiler.join();
        if (failure[0] != null) {
            throw new IllegalStateException("cannot compile " + module + ": " + failure[0].getMessage(), failure[0]);
        }
    }

    private static void compile(Path file, String sha256, String className, Path classes) throws IOException {
        Path meta = classes.resolve(className.replace('.', '/') + ".meta");
        if (isNewer(meta, file.toAbsolutePath().getParent())) {
            return;
        }
        byte[] binary = Files.readAllBytes(file);
        String actual = sha256(binary);
        if (!actual.equals(sha256)) {
            throw new IllegalStateException("its SHA-256 is " + actual + ", and the pom expects " + sha256
                    + ". Take the file from the npm package that the README names, or change both.");
        }
        Path work = Files.createDirectories(classes.resolveSibling("grammar"));
        Path split = Files.write(work.resolve("split.wasm"), split(binary));
        Files.createDirectories(classes);
        Generator generator = new Generator(Config.builder()
                .withWasmFile(split)
                .withName(className)
                .withTargetClassFolder(classes)
                .withTargetSourceFolder(work)
                .withTargetWasmFolder(classes)
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .build());
        generator.generateMetaWasm(generator.generateResources());
    }

    /** Whether the output is there and no file of this folder, the module and this program, has changed since. */
    private static boolean isNewer(Path output, Path folder) throws IOException {
        if (!Files.exists(output)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(output);
        try (Stream<Path> inputs = Files.walk(folder)) {
            return inputs.map(Path::toFile).allMatch(input -> input.lastModified() <= made.toMillis());
        }
    }

    private static byte[] split(byte[] binary) {
        WasmModule module = new WasmModule(binary);
        int own = module.functionCount();
        for (int function = 0; function < own; function++) {
            FunctionCode code = FunctionCode.decode(module, function);
            Optional<Switch> parts = Switch.largestIn(code.root());
            if (code.root().size() > LARGE
                    && parts.isPresent()
                    && parts.get().arms() > MANY_ARMS) {
                SwitchSplitter.split(module, function, code, parts.get());
            }
        }
        return module.toBytes();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
