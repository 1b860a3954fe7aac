package io.capataz.agent.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Calls of the C library that pass open files to another process. */
final class SocketCalls {

  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  /** No SIGPIPE if the other end is closed. */
  private static final int MSG_NOSIGNAL = 0x4000;

  /** {@code struct msghdr} and {@code struct cmsghdr} on 64-bit Linux. */
  private static final long MESSAGE_BYTES = 56;

  private static final long CONTROL_HEADER_BYTES = 16;

  private static final MethodHandle SOCKETPAIR =
      LibC.LINKER.downcallHandle(
          LibC.symbol("socketpair"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS),
          LibC.ERRNO);
  private static final MethodHandle SENDMSG =
      LibC.LINKER.downcallHandle(
          LibC.symbol("sendmsg"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
          LibC.ERRNO);

  private SocketCalls() {}

  /**
   * Two sockets that are connected to each other, keep messages apart, and have no name, so that
   * nobody else can connect. They are not inherited by other processes.
   *
   * @param own the end of this process
   * @param other the end for another process
   */
  record Pair(int own, int other) {}

  static Pair pair() throws SpawnFailed {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var ends = arena.allocate(JAVA_INT, 2);
      int done =
          (int) SOCKETPAIR.invokeExact(state, AF_UNIX, SOCK_SEQPACKET | LibC.O_CLOEXEC, 0, ends);
      if (done != 0) {
        throw new SpawnFailed("socket", (int) LibC.ERRNO_VALUE.get(state, 0L));
      }
      return new Pair(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
    } catch (SpawnFailed e) {
      throw e;
    } catch (Throwable e) {
      throw LibC.unexpected(e);
    }
  }

  /**
   * Sends a text and two open files as one message.
   *
   * @return whether it was sent; not if the other end is closed
   */
  static boolean send(int socket, String text, int first, int second) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var bytes = LibC.text(arena, text);
      var part = arena.allocate(16, 8);
      part.set(ADDRESS, 0, bytes);
      part.set(JAVA_LONG, 8, bytes.byteSize());
      long controlBytes = CONTROL_HEADER_BYTES + 2L * Integer.BYTES;
      var control = arena.allocate(controlBytes, 8);
      control.set(JAVA_LONG, 0, controlBytes);
      control.set(JAVA_INT, 8, SOL_SOCKET);
      control.set(JAVA_INT, 12, SCM_RIGHTS);
      control.set(JAVA_INT, 16, first);
      control.set(JAVA_INT, 20, second);
      var message = arena.allocate(MESSAGE_BYTES, 8);
      message.set(ADDRESS, 16, part);
      message.set(JAVA_LONG, 24, 1);
      message.set(ADDRESS, 32, control);
      message.set(JAVA_LONG, 40, controlBytes);
      while (true) {
        long sent = (long) SENDMSG.invokeExact(state, socket, message, MSG_NOSIGNAL);
        if (sent >= 0) {
          return true;
        }
        if ((int) LibC.ERRNO_VALUE.get(state, 0L) != LibC.EINTR) {
          return false;
        }
      }
    } catch (Throwable e) {
      throw LibC.unexpected(e);
    }
  }
}
