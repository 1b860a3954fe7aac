package io.capataz.supervisor.installer;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The agent's jar and its libraries, as files with their digests. */
@Component
class AgentFiles {

  private static final String JAR = "capataz-agent.jar";

  private final @Nullable Path folder;

  /** Digests are expensive, and files change only with an upgrade. */
  private final Map<Path, Digested> digested = new ConcurrentHashMap<>();

  AgentFiles(InstallerSettings settings) {
    folder = settings.folder();
  }

  /** The digest of a file of that size and time. */
  private record Digested(long size, FileTime changed, String sha256) {}

  /**
   * The list of files in the form of {@code sha256sum}; empty if this supervisor has no agent.
   * Names are relative, such as {@code lib/jackson-core.jar}.
   */
  Optional<String> list() {
    return Optional.of(files())
        .filter(files -> !files.isEmpty())
        .map(
            files ->
                files.entrySet().stream()
                    .map(file -> sha256(file.getValue()) + "  " + file.getKey() + "\n")
                    .collect(Collectors.joining()));
  }

  /** The file with that name, if it is one of the list. */
  Optional<Path> named(String name) {
    return Optional.ofNullable(files().get(name));
  }

  private Map<String, Path> files() {
    var files = new TreeMap<String, Path>();
    if (folder != null && Files.isRegularFile(folder.resolve(JAR))) {
      files.put(JAR, folder.resolve(JAR));
      for (var library : libraries(folder.resolve("lib"))) {
        files.put("lib/" + library.getFileName(), library);
      }
    }
    return files;
  }

  private static List<Path> libraries(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.toString().endsWith(".jar") && Files.isRegularFile(entry))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list the agent's libraries in " + folder, e);
    }
  }

  private String sha256(Path file) {
    try {
      var size = Files.size(file);
      var changed = Files.getLastModifiedTime(file);
      var known = digested.get(file);
      if (known == null || known.size() != size || !known.changed().equals(changed)) {
        known = new Digested(size, changed, digest(file));
        digested.put(file, known);
      }
      return known.sha256();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private static String digest(Path file) throws IOException {
    try (var digesting = new DigestOutputStream(OutputStream.nullOutputStream(), sha256())) {
      Files.copy(file, digesting);
      return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256.", e);
    }
  }
}
