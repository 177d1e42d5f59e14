package io.maskstream.training;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The C library's heap, from which PyTorch takes its blocks. It frees and takes large ones in every
 * step; glibc hands them back to the kernel in between, which then gives fresh pages one by one.
 */
final class NativeHeap {
  /** Parameters of glibc's {@code mallopt}. */
  private static final int TRIM_THRESHOLD = -1;

  private static final int TOP_PAD = -2;
  private static final int MMAP_MAX = -4;

  private static final int NEVER = -1;
  private static final int TOP_PAD_BYTES = 1 << 26;

  private NativeHeap() {}

  private interface CLibrary extends Library {
    int mallopt(int parameter, int value);
  }

  /** Keeps freed blocks in this process. Returns whether the C library took the setting. */
  static boolean keepFreedBlocks() {
    if (!Platform.isLinux()) {
      return false;
    }
    try {
      CLibrary c = Native.load(Platform.C_LIBRARY_NAME, CLibrary.class);
      return c.mallopt(MMAP_MAX, 0) == 1
          && c.mallopt(TRIM_THRESHOLD, NEVER) == 1
          && c.mallopt(TOP_PAD, TOP_PAD_BYTES) == 1;
    } catch (UnsatisfiedLinkError e) {
      return false; // a C library other than glibc
    }
  }
}
