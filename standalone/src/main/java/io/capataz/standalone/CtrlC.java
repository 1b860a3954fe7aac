package io.capataz.standalone;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a second Ctrl-C does. The JVM ignores it once it is stopping; the system's own reaction ends
 * the process. That is safe: everything that was acknowledged is stored, and the agent notices that
 * its parent is gone.
 */
final class CtrlC {

  private static final int SIGINT = 2;

  private CtrlC() {}

  /** From now on, it ends this process at once. */
  static void endsAtOnce() {
    Linker linker = Linker.nativeLinker();
    try {
      MemorySegment _ =
          (MemorySegment)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("signal"),
                      FunctionDescriptor.of(
                          ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                  .invokeExact(SIGINT, MemorySegment.NULL);
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("signal() of the C library failed.", e);
    }
  }
}
