package io.capataz.e2e;

import io.capataz.e2e.Part.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What each process's JVM is told so that it starts with little work: a test that kills two hundred
 * of them on two cores spends most of its time on starts.
 *
 * <p>They share one ahead-of-time cache per kind, made once per build by one fleet that runs a job
 * and is stopped; it halves the work of a start. {@code -Dcapataz.e2e.aot=off} does without.
 */
final class JvmFlags {

  private static final Path HOME = Launched.LAUNCHER.resolveSibling(".").normalize();
  private static final Path CACHES = HOME.resolve("e2e/target/aot");
  private static final Path LOCK = CACHES.resolveSibling("aot.lock");
  private static final List<Path> JARS =
      List.of(
          HOME.resolve("supervisor/target/capataz-supervisor.jar"),
          HOME.resolve("standalone/target/capataz-standalone.jar"),
          HOME.resolve("agent/target/capataz-agent.jar"));

  /** Each process writes its cache when it ends; they do it side by side. */
  private static final Duration UNTIL_WRITTEN = Duration.ofMinutes(5);

  /** Whatever goes wrong with the caches costs time only, and is not tried twice. */
  private static boolean tried;

  /** Where the caches are made; null: they are used. */
  private final boolean making;

  private final Path folder;

  private JvmFlags(Path folder, boolean making) {
    this.folder = folder;
    this.making = making;
  }

  /** Makes the caches if this build has none yet; other JVMs of the build wait for them. */
  static synchronized JvmFlags ofThisBuild() {
    JvmFlags flags = new JvmFlags(CACHES, false);
    if (isOff() || tried || flags.areFresh()) {
      return flags;
    }
    tried = true;
    try (FileChannel lock =
        FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock.lock();
      if (flags.areFresh()) {
        return flags;
      }
      removeAll(CACHES);
      Path trial = CACHES.resolve("trial");
      JvmFlags making = new JvmFlags(Files.createDirectories(trial), true);
      try (Fleet fleet = Fleet.in(trial.resolve("fleet"), making).start()) {
        TrialJob.run(fleet);
        fleet.stopAtOnce(UNTIL_WRITTEN);
      }
      for (Kind kind : Kind.values()) {
        if (Files.exists(making.cache(kind))) {
          Files.move(making.cache(kind), flags.cache(kind), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      removeAll(trial);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return flags;
  }

  String of(Kind kind) {
    List<String> flags = new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    if (kind == Kind.SUPERVISOR) {
      flags.add("-Xmx192m");
    }
    if (making) {
      flags.add("-XX:AOTCacheOutput=" + cache(kind));
    } else if (!isOff() && Files.exists(cache(kind))) {
      flags.add("-XX:AOTCache=" + cache(kind));
    }
    // What it says of its cache is not what the process says.
    flags.addAll(List.of("-Xlog:disable", "-Xlog:all=error:stderr", "-Xlog:aot*=off"));
    return String.join(" ", flags);
  }

  private static boolean isOff() {
    return "off".equals(System.getProperty("capataz.e2e.aot"));
  }

  private Path cache(Kind kind) {
    return folder.resolve(kind.name().toLowerCase(Locale.ROOT) + ".aot");
  }

  private boolean areFresh() {
    return Stream.of(Kind.values())
        .allMatch(kind -> JARS.stream().allMatch(jar -> isNewer(cache(kind), jar)));
  }

  private static boolean isNewer(Path file, Path other) {
    try {
      return Files.exists(file)
          && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(other)) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void removeAll(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
