package dev.espalier.storage;

/**
 * Room on the file system that holds the volumes. Where the volumes lie in an image file, what counts is the smaller of
 * the image's size and free space and those of the disk below it: an image may be larger than its disk.
 *
 * @param totalBytes size
 * @param freeBytes what can still be written
 */
public record Space(long totalBytes, long freeBytes) {

    /** Used share, 0 to 1. */
    public double used() {
        return totalBytes == 0 ? 1 : 1 - (double) freeBytes / totalBytes;
    }

    /** What is left once that much more is written. */
    public Space less(long bytes) {
        return new Space(totalBytes, freeBytes - bytes);
    }
}
