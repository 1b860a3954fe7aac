package io.capataz.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A shell of somebody who has {@code capataz} on the path, and a home of their own. */
final class Shell {

  private static final int SECONDS = 600;

  private final Path folder;
  private final AtomicInteger commands = new AtomicInteger();

  /** What a command ended with. */
  record Ended(int code, String out, String err) {}

  /** A command that goes on. */
  record Going(Process process, File out, File err) {

    Ended end() throws IOException, InterruptedException {
      try {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("It does not end: " + Files.readString(err.toPath()));
        }
      } finally {
        kill();
      }
      return new Ended(process.exitValue(), printed(), Files.readString(err.toPath()));
    }

    void kill() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }

    String printed() throws IOException {
      return Files.readString(out.toPath());
    }
  }

  /** A shell in a folder. */
  Shell(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("bin"));
    Path capataz =
        Files.writeString(
            folder.resolve("bin/capataz"),
            "#!/bin/sh\nexec '%s' \"$@\"\n".formatted(Launched.LAUNCHER));
    Files.setPosixFilePermissions(capataz, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  Ended run(String... words) throws IOException, InterruptedException {
    return start(words).end();
  }

  Going start(String... words) throws IOException {
    int number = commands.incrementAndGet();
    File out = folder.resolve("bin/" + number + ".out").toFile();
    File err = folder.resolve("bin/" + number + ".err").toFile();
    List<String> command = new ArrayList<>(List.of("/usr/bin/env"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out)
            .redirectError(err);
    builder.environment().keySet().removeIf(name -> name.startsWith("CAPATAZ_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH",
                folder.resolve("bin") + File.pathSeparator + System.getenv("PATH"),
                "XDG_CONFIG_HOME",
                folder.resolve("config").toString(),
                "JAVA_HOME",
                System.getProperty("java.home"),
                "CAPATAZ_AOT",
                "off"));
    return new Going(builder.start(), out, err);
  }
}
