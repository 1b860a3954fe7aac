package io.capataz.embedded.store;

import io.capataz.common.command.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * Copies the file of a store. The store may be open in another process and go on taking writes: the
 * copy has everything that was committed when the copying began, and nothing half done.
 */
public final class StoreCopy {

  /** The store's file, in its folder. */
  public static final String FILE = "store.db";

  private StoreCopy() {}

  /**
   * Copies the file of the store in a folder.
   *
   * @param target the new file; it must not exist
   * @param scratch a folder for the driver's native library
   * @throws StartFailure if there is no store, or it cannot be read, or the target not be written
   */
  public static void make(Path folder, Path target, Path scratch) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new StartFailure(
          "There is no embedded store in %s. Name the data folder of a standalone Capataz with --data."
              .formatted(folder));
    }
    NativeLibrary.unpackInto(scratch);
    try (Connection connection = open(file);
        Statement statement = connection.createStatement()) {
      // In one read transaction; writers do not wait for it, nor it for them.
      statement.execute("VACUUM INTO '" + target.toString().replace("'", "''") + "'");
    } catch (SQLException e) {
      throw new StartFailure(
          "The store %s cannot be copied to %s: %s. Check the disk, and who may read and write there."
              .formatted(file, target, e.getMessage()));
    }
  }

  /** What is wrong with such a copy; empty: nothing. */
  public static List<String> problems(Path copy, Path scratch) {
    NativeLibrary.unpackInto(scratch);
    List<String> problems = new ArrayList<>();
    try (Connection connection = open(copy);
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("PRAGMA integrity_check")) {
      while (rows.next()) {
        problems.add(rows.getString(1));
      }
    } catch (SQLException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    problems.remove("ok");
    return problems;
  }

  private static Connection open(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setBusyTimeout(10_000);
    return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
  }
}
