package io.capataz.supervisor.vault;

import io.capataz.supervisor.runtime.OwnersFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The vault key file: one key in base64 per line, newest first; blank lines and lines that begin
 * with {@code #} are ignored.
 */
final class VaultKeyFile {

  private static final String HOW =
      " Each line is a key of 32 random bytes in base64, newest first. Create one with `openssl"
          + " rand -base64 32`.";

  private VaultKeyFile() {}

  /** The keys in the file, newest first; at least one. */
  static List<VaultKey> read(Path file) {
    var keys = new ArrayList<VaultKey>();
    try {
      var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      if (view != null
          && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
        throw new VaultRefused(
            "The vault key file %s is readable by everybody on this machine. Restrict it: chmod 600 %s."
                .formatted(file, file));
      }
      var number = 0;
      for (var line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
        number++;
        var text = line.strip();
        if (!text.isEmpty() && !text.startsWith("#")) {
          keys.add(key(file, number, text));
        }
      }
    } catch (IOException e) {
      throw new VaultRefused(
          "Cannot read the vault key file %s (%s). Check its path and permissions, or set capataz.vault-key-file (CAPATAZ_VAULT_KEY_FILE)."
              .formatted(file, e.getClass().getSimpleName()));
    }
    if (keys.isEmpty()) {
      throw new VaultRefused("The vault key file %s contains no key.%s".formatted(file, HOW));
    }
    return keys;
  }

  /** Creates the file with one new key. */
  static void make(Path file) {
    OwnersFile.write(file, Base64.getEncoder().encodeToString(VaultKey.random()) + "\n");
  }

  private static VaultKey key(Path file, int number, String text) {
    try {
      return VaultKey.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException notAKey) {
      // The exception's message may contain the input.
      throw new VaultRefused(
          "Line %d of the vault key file %s is not a valid key.%s".formatted(number, file, HOW));
    }
  }
}
