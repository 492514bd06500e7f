/**
 * Volumes that share blocks. Read {@link dev.espalier.storage.VolumeStore} first, then {@code BtrfsStore}, the shortest
 * one, and {@code TreeCopy}, which the others stand on; {@code Linux} lists the system calls.
 */
@NullMarked
package dev.espalier.storage;

import org.jspecify.annotations.NullMarked;
