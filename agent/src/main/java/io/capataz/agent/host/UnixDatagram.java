package io.capataz.agent.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Sends datagrams to Unix sockets, which the JDK supports only for streams. Constants are those of
 * 64-bit Linux.
 */
final class UnixDatagram {

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x8_0000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDTIMEO = 21;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** Offset and maximum length of the address in sockaddr_un. */
  private static final int SUN_PATH = 2;

  private static final int MAX_ADDRESS_BYTES = 108;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET =
      function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      function(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SENDTO =
      function(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private UnixDatagram() {}

  /**
   * Sends the message.
   *
   * @param address a path, or {@code @} and an abstract name
   * @param patience how long to wait while the receiver does not read
   */
  static void send(String address, String message, Duration patience) throws IOException {
    var name = address.getBytes(StandardCharsets.UTF_8);
    boolean inFileSystem = name[0] != '@';
    // A path ends with a zero byte; an abstract name begins with one.
    int length = name.length + (inFileSystem ? 1 : 0);
    if (length > MAX_ADDRESS_BYTES) {
      throw new IOException("socket address too long");
    }
    try (var arena = Arena.ofConfined()) {
      var to = arena.allocate(SUN_PATH + MAX_ADDRESS_BYTES, 8);
      to.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, SUN_PATH, name.length);
      if (!inFileSystem) {
        to.set(ValueLayout.JAVA_BYTE, SUN_PATH, (byte) 0);
      }
      var time = arena.allocate(JAVA_LONG, 2);
      time.setAtIndex(JAVA_LONG, 0, patience.toSeconds());
      time.setAtIndex(JAVA_LONG, 1, patience.toNanosPart() / 1000);
      var bytes = message.getBytes(StandardCharsets.UTF_8);
      var content = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);

      var state = arena.allocate(Linker.Option.captureStateLayout());
      int socket = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      must(socket >= 0, state);
      try {
        int size = (int) time.byteSize();
        must(
            (int) SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_SNDTIMEO, time, size) == 0,
            state);
        long count = bytes.length;
        int end = SUN_PATH + length;
        must(
            (long) SENDTO.invokeExact(state, socket, content, count, MSG_NOSIGNAL, to, end)
                == count,
            state);
      } finally {
        int _ = (int) CLOSE.invokeExact(state, socket);
      }
    } catch (Throwable e) {
      throw passedOn(e);
    }
  }

  private static void must(boolean done, MemorySegment state) throws IOException {
    if (!done) {
      throw new IOException("error " + (int) ERRNO_VALUE.get(state, 0L));
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, ERRNO);
  }

  /** Method handles declare Throwable, but the C functions throw nothing. */
  private static IOException passedOn(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    if (e instanceof RuntimeException runtime) {
      throw runtime;
    }
    return e instanceof IOException failed ? failed : new IOException(e);
  }
}
