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
 * One attempt's folder: the script, its files, where it starts, where it may write, what it prints.
 * Made fresh, removed when the attempt was reported, and open to nobody but the agent's user; and,
 * in part, to the user the script runs as.
 */
final class Workspace implements AutoCloseable {

  private static final int NAME_CHARACTERS = 100;

  /** The folders above a run's own that are the agent's: of all runs, of all its data. */
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
   * Makes the folder under {@code runs}, and puts the script and the order's files into it.
   *
   * @param as whom the script runs as; empty: the agent's own user
   */
  static Workspace make(Path runs, WorkOrder order, Script script, Optional<Account> as)
      throws IOException {
    String name = plain(order.job()) + "-" + order.attempt() + "-";
    Path folder = Files.createTempDirectory(runs, name);
    try {
      RunNote.of(order).write(folder);
      List<Path> scriptsFiles = new ArrayList<>();
      for (String part : List.of("script", "work", "tmp", "results")) {
        scriptsFiles.add(Folders.make(folder.resolve(part)));
      }
      Path place = folder.resolve("script").resolve(plain(script.filename()));
      script.moveTo(place);
      scriptsFiles.add(place);
      List<String> arguments = new ArrayList<>(order.arguments());
      Path files = folder.resolve("files");
      if (!order.files().isEmpty()) {
        scriptsFiles.add(Folders.make(files));
      }
      for (WorkOrder.FileArgument file : order.files()) {
        if (file.place() < 0 || file.place() >= arguments.size()) {
          throw new IOException("no argument at position " + file.place());
        }
        Path own = Folders.make(files.resolve(Integer.toString(file.place())));
        Path copy = own.resolve(plain(file.filename()));
        Folders.write(copy, file.content().toArray(), "rwx------");
        scriptsFiles.add(own);
        scriptsFiles.add(copy);
        arguments.set(file.place(), copy.toString());
      }
      Map<String, String> secretFiles = new HashMap<>();
      Path secrets = folder.resolve("secrets");
      if (!order.secretFiles().isEmpty()) {
        scriptsFiles.add(Folders.make(secrets));
      }
      for (WorkOrder.SecretFile file : order.secretFiles()) {
        Path own = Folders.make(secrets.resolve(Integer.toString(secretFiles.size())));
        Path copy = own.resolve(plain(file.filename()));
        Folders.write(copy, file.content().toArray(), "rw-------");
        scriptsFiles.add(own);
        scriptsFiles.add(copy);
        secretFiles.put(file.variable(), copy.toString());
      }
      if (as.isPresent()) {
        chown(scriptsFiles, as.get(), folder);
      }
      return new Workspace(folder, place, arguments, secretFiles);
    } catch (IOException e) {
      at(folder).close();
      throw e;
    }
  }

  /** One that is there already. */
  static Workspace at(Path folder) {
    return new Workspace(folder, folder.resolve("script"), List.of(), Map.of());
  }

  /**
   * Lets another user have what is the run's, and pass through what is the agent's: names cannot be
   * listed there, and only those who know them get through.
   */
  private static void chown(List<Path> scriptsFiles, Account as, Path folder) throws IOException {
    for (Path path : scriptsFiles) {
      Files.setAttribute(path, "unix:gid", as.group());
      Files.setAttribute(path, "unix:uid", as.user());
    }
    Path way = folder;
    for (int i = 0; i <= AGENTS_FOLDERS; i++) {
      Files.setPosixFilePermissions(way, PosixFilePermissions.fromString("rwx--x--x"));
      way = way.resolve("..").normalize();
    }
  }

  /** The folder. */
  Path folder() {
    return folder;
  }

  /** The folder's name, which no other run has. */
  String name() {
    return folder.getFileName().toString();
  }

  /** The script's file, which its owner may execute. */
  Path script() {
    return script;
  }

  /** The script's arguments, with the paths of those that are files. */
  List<String> arguments() {
    return arguments;
  }

  /** The variables that hold the paths of secrets that are files. */
  Map<String, String> secretFiles() {
    return secretFiles;
  }

  /** Where the script starts. */
  Path directory() {
    return folder.resolve("work");
  }

  /** The script's {@code TMPDIR}. */
  Path temporary() {
    return folder.resolve("tmp");
  }

  /** Where the script may leave its result; not there unless it does. */
  Path result() {
    return folder.resolve("results").resolve("output");
  }

  /** Where the script may tell how far it is; not there unless it does. */
  Path progress() {
    return folder.resolve("results").resolve("progress");
  }

  /** Removes all of it. What cannot be removed is told and left to the agent's next start. */
  @Override
  public void close() {
    Folders.removeOrWarn(folder);
  }

  /**
   * A name for people, made fit to be a file's: its last part, in plain characters, not hidden, not
   * too long. It keeps its ending, which interpreters look at.
   */
  static String plain(String name) {
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String plain = last.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[.-]+", "");
    if (plain.isEmpty()) {
      return "script";
    }
    return plain.length() <= NAME_CHARACTERS
        ? plain
        : plain.substring(plain.length() - NAME_CHARACTERS).replaceFirst("^[.-]+", "_");
  }
}
