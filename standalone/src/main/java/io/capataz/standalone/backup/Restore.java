package io.capataz.standalone.backup;

import io.capataz.common.command.StartFailure;
import io.capataz.common.files.PrivateFiles;
import io.capataz.common.protocol.MessageJson;
import io.capataz.embedded.store.StoreCopy;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import tools.jackson.core.JacksonException;

/**
 * Makes a data folder from a backup. Everything is unpacked beside it and checked; only then it
 * gets its name, in one step.
 */
final class Restore {

  private static final String DATA = "data";

  private Restore() {}

  /**
   * Restores a backup into a folder that does not exist or is empty.
   *
   * @throws StartFailure if the folder is not empty, or the backup is not whole
   */
  static Manifest read(Path file, Path data) throws IOException {
    Path target = data.toAbsolutePath().normalize();
    refuseUsed(target);
    var _ = PrivateFiles.folder(WorkFolder.parent(target));
    try (ZipFile archive = open(file);
        WorkFolder work = WorkFolder.beside(target)) {
      Manifest manifest = manifest(file, archive);
      Path unpacked = PrivateFiles.folder(work.resolve(DATA));
      for (Manifest.Part part : manifest.parts()) {
        unpack(file, archive, part, unpacked);
      }
      check(file, unpacked, work);
      refuseUsed(target);
      work.publish(DATA, target);
      return manifest;
    }
  }

  private static void refuseUsed(Path target) throws IOException {
    if (Files.notExists(target)) {
      return;
    }
    if (Files.isDirectory(target)) {
      try (var content = Files.list(target)) {
        if (content.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw new StartFailure(
        "%s is not empty. A backup is restored into a new folder; name one with --data."
            .formatted(target));
  }

  private static ZipFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new StartFailure("There is no backup %s.".formatted(file));
    }
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw damaged(file, "it is no archive, or its end is missing");
    }
  }

  private static Manifest manifest(Path file, ZipFile archive) throws IOException {
    ZipEntry entry = archive.getEntry(Manifest.NAME);
    if (entry == null) {
      throw damaged(file, "it has no " + Manifest.NAME);
    }
    Manifest manifest;
    try (InputStream content = archive.getInputStream(entry)) {
      manifest = MessageJson.read(content, Manifest.class);
    } catch (JacksonException e) {
      throw damaged(file, Manifest.NAME + " cannot be read");
    }
    if (manifest.format() != Manifest.FORMAT) {
      throw new StartFailure(
          "%s has format %d, and this version of Capataz reads format %d. Restore it with the version that wrote it, or a newer one."
              .formatted(file, manifest.format(), Manifest.FORMAT));
    }
    refuseOtherEntries(file, archive, manifest);
    return manifest;
  }

  private static void refuseOtherEntries(Path file, ZipFile archive, Manifest manifest) {
    Set<String> named =
        manifest.parts().stream()
            .map(Manifest.Part::path)
            .collect(Collectors.toCollection(TreeSet::new));
    named.add(Manifest.NAME);
    Set<String> found =
        archive.stream().map(ZipEntry::getName).collect(Collectors.toCollection(TreeSet::new));
    if (!named.equals(found)) {
      throw damaged(file, "its entries are not those that " + Manifest.NAME + " names");
    }
  }

  private static void unpack(Path file, ZipFile archive, Manifest.Part part, Path folder)
      throws IOException {
    Path target = folder.resolve(part.path()).normalize();
    if (!target.startsWith(folder) || target.equals(folder)) {
      throw damaged(file, "an entry leads out of the data folder");
    }
    var _ = PrivateFiles.folder(WorkFolder.parent(target));
    String sha256;
    try (Digested content = new Digested(content(file, archive, part))) {
      write(content, target);
      sha256 = content.sha256();
    } catch (ZipException | EOFException e) {
      throw damaged(file, part.path() + " cannot be unpacked");
    }
    if (!sha256.equals(part.sha256())) {
      throw damaged(file, part.path() + " is not as it was written");
    }
  }

  private static InputStream content(Path file, ZipFile archive, Manifest.Part part)
      throws IOException {
    ZipEntry entry = archive.getEntry(part.path());
    if (entry == null) {
      throw damaged(file, part.path() + " is missing");
    }
    return archive.getInputStream(entry);
  }

  private static void write(InputStream content, Path target) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            target,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      var _ = content.transferTo(Channels.newOutputStream(channel));
      channel.force(true);
    }
  }

  private static void check(Path file, Path unpacked, WorkFolder work) throws IOException {
    Path store = unpacked.resolve("store");
    if (!Files.isRegularFile(store.resolve(StoreCopy.FILE))) {
      throw damaged(file, "it has no store");
    }
    var problems = StoreCopy.problems(store.resolve(StoreCopy.FILE), work.resolve("native"));
    if (!problems.isEmpty()) {
      throw damaged(file, "its store is not sound: " + problems.getFirst());
    }
    WorkFolder.force(store);
    WorkFolder.force(unpacked);
  }

  private static StartFailure damaged(Path file, String why) {
    return new StartFailure(
        "%s is not a whole backup: %s. Nothing was restored; take another one."
            .formatted(file, why));
  }
}
