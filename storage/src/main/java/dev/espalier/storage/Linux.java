package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The calls of the C library that Java has none for. Each answers with the call's result, or minus errno: what is an
 * expected answer (a file that has vanished) and what is a failure is known only where the call is made.
 *
 * <p>Numbers are those of 64-bit Linux; where amd64 and arm64 differ, the machine decides.
 */
final class Linux {

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
    static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_EMPTY_PATH = 0x1000;

    static final int SEEK_SET = 0;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    static final long MS_NOSUID = 2;
    static final long MS_NODEV = 4;
    static final long MS_NOATIME = 1024;
    static final int MNT_DETACH = 2;

    private static final NativeCall OPENAT =
            new NativeCall("openat", 3, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final NativeCall CLOSE = new NativeCall("close", JAVA_INT, JAVA_INT);
    private static final NativeCall IOCTL_ADDRESS = new NativeCall("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final NativeCall IOCTL_NUMBER = new NativeCall("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final NativeCall STATX =
            new NativeCall("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final NativeCall STATFS = new NativeCall("statfs", JAVA_INT, ADDRESS, ADDRESS);
    private static final NativeCall FSTATFS = new NativeCall("fstatfs", JAVA_INT, JAVA_INT, ADDRESS);
    private static final NativeCall GETDENTS = new NativeCall("getdents64", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final NativeCall MKDIRAT = new NativeCall("mkdirat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final NativeCall UNLINKAT = new NativeCall("unlinkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final NativeCall RENAMEAT =
            new NativeCall("renameat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    private static final NativeCall SYMLINKAT = new NativeCall("symlinkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    private static final NativeCall READLINKAT =
            new NativeCall("readlinkat", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final NativeCall FCHOWNAT =
            new NativeCall("fchownat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final NativeCall FCHMOD = new NativeCall("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final NativeCall UTIMENSAT =
            new NativeCall("utimensat", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final NativeCall FUTIMENS = new NativeCall("futimens", JAVA_INT, JAVA_INT, ADDRESS);
    private static final NativeCall FTRUNCATE = new NativeCall("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final NativeCall LSEEK = new NativeCall("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final NativeCall SENDFILE =
            new NativeCall("sendfile", JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final NativeCall FGETXATTR =
            new NativeCall("fgetxattr", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final NativeCall FSYNC = new NativeCall("fsync", JAVA_INT, JAVA_INT);
    private static final NativeCall SYNCFS = new NativeCall("syncfs", JAVA_INT, JAVA_INT);
    private static final NativeCall MOUNT =
            new NativeCall("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final NativeCall UMOUNT2 = new NativeCall("umount2", JAVA_INT, ADDRESS, JAVA_INT);
    private static final NativeCall GETEUID = new NativeCall("geteuid", JAVA_INT);
    private static final NativeCall GETEGID = new NativeCall("getegid", JAVA_INT);

    private Linux() {}

    /** A path as the bytes the kernel sees, one character a byte. */
    static String bytes(Path path) {
        return new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static int openat(int directory, String name, int flags, int mode) {
        return (int) OPENAT.call(directory, name, flags | O_CLOEXEC, mode);
    }

    static void close(int fd) {
        Errno.check("close a file", CLOSE.call(fd));
    }

    static long ioctl(int fd, long request, MemorySegment argument) {
        return IOCTL_ADDRESS.call(fd, request, argument);
    }

    static long ioctl(int fd, long request, long argument) {
        return IOCTL_NUMBER.call(fd, request, argument);
    }

    static long statx(int directory, String name, int flags, int mask, MemorySegment result) {
        return STATX.call(directory, name, flags, mask, result);
    }

    static long statfs(Path path, MemorySegment result) {
        return STATFS.call(bytes(path), result);
    }

    static long fstatfs(int fd, MemorySegment result) {
        return FSTATFS.call(fd, result);
    }

    static long getdents64(int fd, MemorySegment buffer) {
        return GETDENTS.call(fd, buffer, buffer.byteSize());
    }

    static long mkdirat(int directory, String name, int mode) {
        return MKDIRAT.call(directory, name, mode);
    }

    static long unlinkat(int directory, String name, int flags) {
        return UNLINKAT.call(directory, name, flags);
    }

    static long renameat(int directory, String from, String to) {
        return RENAMEAT.call(directory, from, directory, to);
    }

    static long symlinkat(String content, int directory, String name) {
        return SYMLINKAT.call(content, directory, name);
    }

    static long readlinkat(int directory, String name, MemorySegment buffer) {
        return READLINKAT.call(directory, name, buffer, buffer.byteSize());
    }

    static long fchownat(int directory, String name, int uid, int gid, int flags) {
        return FCHOWNAT.call(directory, name, uid, gid, flags);
    }

    static long fchmod(int fd, int mode) {
        return FCHMOD.call(fd, mode);
    }

    static long utimensat(int directory, String name, MemorySegment times) {
        return UTIMENSAT.call(directory, name, times, AT_SYMLINK_NOFOLLOW);
    }

    static long futimens(int fd, MemorySegment times) {
        return FUTIMENS.call(fd, times);
    }

    static long ftruncate(int fd, long size) {
        return FTRUNCATE.call(fd, size);
    }

    static long lseek(int fd, long offset, int whence) {
        return LSEEK.call(fd, offset, whence);
    }

    /** Copies up to {@code count} bytes from and to the files' positions. */
    static long sendfile(int to, int from, long count) {
        return SENDFILE.call(to, from, MemorySegment.NULL, count);
    }

    static long fgetxattr(int fd, String name, MemorySegment value) {
        return FGETXATTR.call(fd, name, value, value.byteSize());
    }

    static long fsync(int fd) {
        return FSYNC.call(fd);
    }

    static long syncfs(int fd) {
        return SYNCFS.call(fd);
    }

    static long mount(String source, Path target, String type, long flags, String options) {
        return MOUNT.call(source, bytes(target), type, flags, options);
    }

    static long umount2(Path target, int flags) {
        return UMOUNT2.call(bytes(target), flags);
    }

    static long geteuid() {
        return GETEUID.call();
    }

    static long getegid() {
        return GETEGID.call();
    }
}
