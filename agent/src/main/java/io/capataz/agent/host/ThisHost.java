package io.capataz.agent.host;

import io.capataz.common.protocol.HostFacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What can be said of the machine and of this build. */
public final class ThisHost {

  private static final Path KERNEL = Path.of("/proc/sys/kernel");

  private ThisHost() {}

  /** The name the operating system gives the machine. */
  public static String name() {
    return firstLine(KERNEL.resolve("hostname")).orElse("localhost");
  }

  /** Changes with every boot; empty where the system does not tell. */
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

  /** As whom the agent runs. */
  public static String user() {
    return System.getProperty("user.name");
  }

  /** The number of the user as whom the agent runs. */
  public static int userNumber() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot determine the user of the agent.", e);
    }
  }

  /** This build's version, as its jar's manifest tells it. */
  public static String version() {
    return Optional.ofNullable(ThisHost.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /** Bytes; read from the kernel, because the JDK's bean for it costs five megabytes. */
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
