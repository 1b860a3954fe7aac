package io.capataz.agent.job;

import io.capataz.agent.host.Folders;
import io.capataz.agent.journal.RunNote;
import io.capataz.agent.process.Account;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folder of one attempt: the script, its files, working and temporary folder, and output.
 * Created for the attempt, and removed after it was reported. Accessible to the agent's user and,
 * in part, to the user the script runs as.
 */
final class Workspace implements AutoCloseable {

  private static final int NAME_CHARACTERS = 100;

  /** Number of parent folders that belong to the agent: of all runs, and of all its data. */
  private static final int AGENTS_FOLDERS = 2;

  private final Path folder;
  private final Path script;
  private final List<String> arguments;
  private final Map<String, String> secretFiles;

  private Workspace(
      Path folder, Path script, List<String> arguments, Map<String, String> secretFiles) {
    this.folder = folder;
    this.script = script;
    this.arguments = List.copyOf(arguments);
    this.secretFiles = Map.copyOf(secretFiles);
  }

  /**
   * Creates the folder under {@code runs} with the script and the files of the order.
   *
   * @param as the user the script runs as; empty for the agent's own user
   */
  static Workspace make(Path runs, WorkOrder order, Script script, Optional<Account> as)
      throws IOException {
    var name = plain(order.job()) + "-" + order.attempt() + "-";
    var folder = Files.createTempDirectory(runs, name);
    try {
      RunNote.of(order).write(folder);
      var scriptsFiles = new ArrayList<Path>();
      for (var part : List.of("script", "work", "tmp", "results")) {
        scriptsFiles.add(Folders.make(folder.resolve(part)));
      }
      var place = folder.resolve("script").resolve(plain(script.filename()));
      script.moveTo(place);
      scriptsFiles.add(place);
      var arguments = withFiles(order, folder.resolve("files"), scriptsFiles);
      var secretFiles = writeSecrets(order, folder.resolve("secrets"), scriptsFiles);
      if (as.isPresent()) {
        chown(scriptsFiles, as.get(), folder);
      }
      return new Workspace(folder, place, arguments, secretFiles);
    } catch (IOException e) {
      at(folder).close();
      throw e;
    }
  }

  /** Writes the files of the order, and returns its arguments with their paths. */
  private static List<String> withFiles(WorkOrder order, Path files, List<Path> scriptsFiles)
      throws IOException {
    var arguments = new ArrayList<String>(order.arguments());
    if (!order.files().isEmpty()) {
      scriptsFiles.add(Folders.make(files));
    }
    for (var file : order.files()) {
      if (file.place() < 0 || file.place() >= arguments.size()) {
        throw new IOException("no argument at position " + file.place());
      }
      var own = Folders.make(files.resolve(Integer.toString(file.place())));
      var copy = own.resolve(plain(file.filename()));
      Folders.write(copy, file.content().toArray(), "rwx------");
      scriptsFiles.add(own);
      scriptsFiles.add(copy);
      arguments.set(file.place(), copy.toString());
    }
    return arguments;
  }

  /** Writes the secrets that are files, and returns their paths by variable. */
  private static Map<String, String> writeSecrets(
      WorkOrder order, Path secrets, List<Path> scriptsFiles) throws IOException {
    var paths = new HashMap<String, String>();
    if (!order.secretFiles().isEmpty()) {
      scriptsFiles.add(Folders.make(secrets));
    }
    for (var file : order.secretFiles()) {
      var own = Folders.make(secrets.resolve(Integer.toString(paths.size())));
      var copy = own.resolve(plain(file.filename()));
      Folders.write(copy, file.content().toArray(), "rw-------");
      scriptsFiles.add(own);
      scriptsFiles.add(copy);
      paths.put(file.variable(), copy.toString());
    }
    return paths;
  }

  /** An existing workspace. */
  static Workspace at(Path folder) {
    return new Workspace(folder, folder.resolve("script"), List.of(), Map.of());
  }

  /**
   * Makes the script's user the owner of the script's files. The agent's folders become passable
   * but not listable, so only known names can be reached.
   */
  private static void chown(List<Path> scriptsFiles, Account as, Path folder) throws IOException {
    for (var path : scriptsFiles) {
      Files.setAttribute(path, "unix:gid", as.group());
      Files.setAttribute(path, "unix:uid", as.user());
    }
    var way = folder;
    for (int i = 0; i <= AGENTS_FOLDERS; i++) {
      Files.setPosixFilePermissions(way, PosixFilePermissions.fromString("rwx--x--x"));
      way = way.resolve("..").normalize();
    }
  }

  Path folder() {
    return folder;
  }

  /** The name of the folder, unique among runs. */
  String name() {
    return folder.getFileName().toString();
  }

  /** The path of the script, which its owner may execute. */
  Path script() {
    return script;
  }

  /** The script's arguments, with paths for file arguments. */
  List<String> arguments() {
    return arguments;
  }

  /** Variables with the paths of secret files. */
  Map<String, String> secretFiles() {
    return secretFiles;
  }

  /** The working directory of the script. */
  Path directory() {
    return folder.resolve("work");
  }

  /** The script's {@code TMPDIR}. */
  Path temporary() {
    return folder.resolve("tmp");
  }

  /** The result file, created by the script if it returns a result. */
  Path result() {
    return folder.resolve("results").resolve("output");
  }

  /** The progress file, created by the script if it reports progress. */
  Path progress() {
    return folder.resolve("results").resolve("progress");
  }

  /** Removes the folder. If this fails, the next start of the agent removes it. */
  @Override
  public void close() {
    Folders.removeOrWarn(folder);
  }

  /**
   * Converts a display name to a safe file name: the last path component in plain characters, not
   * hidden, of limited length. The extension is kept, because interpreters depend on it.
   */
  static String plain(String name) {
    var last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    var plain = last.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[.-]+", "");
    if (plain.isEmpty()) {
      return "script";
    }
    return plain.length() <= NAME_CHARACTERS
        ? plain
        : plain.substring(plain.length() - NAME_CHARACTERS).replaceFirst("^[.-]+", "_");
  }
}
