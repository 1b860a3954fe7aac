package io.capataz.standalone.backup;

import io.capataz.common.command.Command;
import io.capataz.common.command.Flag;
import io.capataz.common.command.Settings;
import io.capataz.common.command.UsageError;
import io.capataz.embedded.QuietLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/** {@code ./capataz backup FILE} and {@code ./capataz restore FILE}. */
final class BackupCommand {

  private static final Flag FILE = Flag.of("file", "FILE", "", "the backup").from("");

  private static final Command BACKUP =
      new Command(
          "backup FILE",
          List.of(
              "Writes a backup of a standalone Capataz, which may be running. The file contains the"
                  + " vault key: whoever reads it can open all stored secrets."),
          List.of(FILE, Flag.of("data", "DIR", "./data", "the data folder")));

  private static final Command RESTORE =
      new Command(
          "restore FILE",
          List.of("Makes the data folder of a standalone Capataz from a backup, and checks it."),
          List.of(FILE, Flag.of("data", "DIR", "./data", "the new data folder; it must be empty")));

  private BackupCommand() {}

  public static void main(String[] arguments) {
    boolean restores = arguments.length > 0 && arguments[0].equals("restore");
    String[] rest = flags(Stream.of(arguments).skip(1).toList());
    if (restores) {
      RESTORE.main(rest, BackupCommand::restore);
    } else {
      BACKUP.main(rest, BackupCommand::backup);
    }
  }

  /** The file comes first and without a name, as people write it. */
  private static String[] flags(List<String> typed) {
    return typed.isEmpty() || typed.getFirst().startsWith("-")
        ? typed.toArray(String[]::new)
        : Stream.concat(Stream.of("--file"), typed.stream()).toArray(String[]::new);
  }

  private static void backup(Settings given) throws IOException {
    QuietLogs.now();
    Path file = file(given);
    Manifest written = Backup.write(data(given), file, Clock.tickMillis(ZoneOffset.UTC).instant());
    System.out.printf(
        "%s holds %s: %d files, %d bytes unpacked. Keep it where nobody else can read it: the"
            + " vault key is in it.%n",
        file, data(given), written.parts().size(), written.bytes());
  }

  private static void restore(Settings given) throws IOException {
    QuietLogs.now();
    Manifest read = Restore.read(file(given), data(given));
    System.out.printf(
        "%s is as it was at %s. Start it with ./capataz standalone --data %s%n",
        data(given), read.made(), data(given));
  }

  private static Path file(Settings given) {
    return given.path("file").orElseThrow(() -> new UsageError("Name the file of the backup."));
  }

  private static Path data(Settings given) {
    return given.path("data").orElse(Path.of("data"));
  }
}
