package io.capataz.agent.host;

import io.capataz.common.protocol.HostFacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Facts about this machine and this build. */
public final class ThisHost {

  private static final Path KERNEL = Path.of("/proc/sys/kernel");

  private ThisHost() {}

  /** The host name. */
  public static String name() {
    return firstLine(KERNEL.resolve("hostname")).orElse("localhost");
  }

  /** Changes with every boot; empty if unknown. */
  public static String bootId() {
    return firstLine(KERNEL.resolve("random/boot_id")).orElse("");
  }

  public static HostFacts facts() {
    return new HostFacts(
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        memory(),
        user(),
        version());
  }

  /** The name of the agent's user. */
  public static String user() {
    return System.getProperty("user.name");
  }

  /** The uid of the agent's user. */
  public static int userNumber() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot determine the user of the agent.", e);
    }
  }

  /** Version of this build, from the manifest of its jar. */
  public static String version() {
    return Optional.ofNullable(ThisHost.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /**
   * Total memory in bytes. Read from the kernel, because the JDK's management bean costs five
   * megabytes.
   */
  private static long memory() {
    return firstLine(Path.of("/proc/meminfo"))
        .map(line -> line.replaceAll("\\D", ""))
        .filter(number -> !number.isEmpty())
        .map(kibibytes -> Long.parseLong(kibibytes) * 1024)
        .orElse(0L);
  }

  private static Optional<String> firstLine(Path file) {
    try {
      return Files.readString(file).lines().findFirst().map(String::strip);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
