package io.capataz.standalone.backup;

import io.capataz.common.command.StartFailure;
import io.capataz.common.protocol.MessageJson;
import io.capataz.embedded.store.StoreCopy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a backup: a ZIP archive with the store and the files of the data folder, the vault key
 * among them. It gets its name when it is complete and on disk.
 *
 * <p>The broker's files are not in it: announcements only tell agents of jobs that are in the
 * store.
 */
final class Backup {

  private static final String STORE = "store";
  private static final String ARCHIVE = "archive";

  /** Of the process that has the folder, and a link that works for an hour. */
  private static final Set<String> LEFT_OUT = Set.of("lock", "login.link");

  private Backup() {}

  /**
   * Backs up a data folder.
   *
   * @throws StartFailure if there is nothing to back up, or the file exists
   */
  static Manifest write(Path data, Path file, Instant now) throws IOException {
    Path target = file.toAbsolutePath();
    if (Files.exists(target)) {
      throw new StartFailure(
          "%s exists. Choose another name: a backup overwrites nothing.".formatted(file));
    }
    if (!Files.isDirectory(data)) {
      throw new StartFailure(
          "There is no data folder %s. Name it with --data.".formatted(data.toAbsolutePath()));
    }
    try (WorkFolder work = WorkFolder.beside(target)) {
      Map<String, Path> parts = collect(data, work);
      Manifest manifest = describe(parts, now);
      pack(manifest, parts, work.resolve(ARCHIVE));
      work.publish(ARCHIVE, target);
      return manifest;
    }
  }

  /** The store first: a key is in its file before anything is sealed with it. */
  private static Map<String, Path> collect(Path data, WorkFolder work) throws IOException {
    Path copy = work.resolve("copy");
    StoreCopy.make(data.resolve(STORE), copy, work.resolve("native"));
    Map<String, Path> parts = new TreeMap<>();
    parts.put(STORE + "/" + StoreCopy.FILE, copy);
    Path password = data.resolve(STORE).resolve("password");
    if (Files.exists(password)) {
      parts.put(STORE + "/password", password);
    }
    try (var files = Files.newDirectoryStream(data, Files::isRegularFile)) {
      for (Path each : files) {
        String name = data.relativize(each).toString();
        if (!LEFT_OUT.contains(name)) {
          parts.put(name, each);
        }
      }
    }
    return parts;
  }

  private static Manifest describe(Map<String, Path> parts, Instant now) throws IOException {
    List<Manifest.Part> described = new ArrayList<>();
    for (Map.Entry<String, Path> part : parts.entrySet()) {
      try (var content = Files.newInputStream(part.getValue());
          var digested = new Digested(content)) {
        long bytes = digested.transferTo(OutputStream.nullOutputStream());
        described.add(new Manifest.Part(part.getKey(), bytes, digested.sha256()));
      }
    }
    return new Manifest(Manifest.FORMAT, now, described);
  }

  private static void pack(Manifest manifest, Map<String, Path> parts, Path archive)
      throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                archive,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")));
        ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel))) {
      zip.putNextEntry(new ZipEntry(Manifest.NAME));
      zip.write(MessageJson.write(manifest));
      for (Map.Entry<String, Path> part : parts.entrySet()) {
        zip.putNextEntry(new ZipEntry(part.getKey()));
        Files.copy(part.getValue(), zip);
      }
      zip.finish();
      channel.force(true);
    }
  }
}
