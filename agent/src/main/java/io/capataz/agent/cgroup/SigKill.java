package io.capataz.agent.cgroup;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandleProxies;

/** Sends SIGKILL, by the one C function that this package calls. */
final class SigKill {

  private static final int SIGKILL = 9;

  private static final Kill KILL = kill();

  private SigKill() {}

  /** Kills a process. A process that is gone is ignored. */
  static void send(int pid) {
    int _ = KILL.call(pid, SIGKILL);
  }

  private static Kill kill() {
    var linker = Linker.nativeLinker();
    return MethodHandleProxies.asInterfaceInstance(
        Kill.class,
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("kill"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT)));
  }

  /**
   * An interface, since a method handle declares Throwable; public, since the proxy requires it.
   */
  public interface Kill {
    int call(int pid, int signal);
  }
}
