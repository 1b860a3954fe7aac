package io.capataz.supervisor.vault;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A stored value that only the vault can read.
 *
 * @param key the id of the key that sealed it
 * @param box nonce, ciphertext and tag, in base64
 */
public record Sealed(String key, String box) {

  private static final Pattern TEXT =
      Pattern.compile("sealed:(k[0-9a-f]{16}):([A-Za-z0-9_-]{38,})");

  /** The form for fields that store a string; {@link #read} parses it. */
  public String text() {
    return "sealed:" + key + ":" + box;
  }

  /** Parses the form of {@link #text}; empty for any other string. */
  public static Optional<Sealed> read(String text) {
    var form = TEXT.matcher(text);
    return form.matches()
        ? Optional.of(new Sealed(form.group(1), form.group(2)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "[sealed with " + key + "]";
  }
}
