package io.capataz.supervisor.vault;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A value that only the vault can read, as it is kept.
 *
 * @param key the id of the key that sealed it
 * @param box nonce, ciphertext and tag, in base64
 */
public record Sealed(String key, String box) {

  private static final Pattern TEXT =
      Pattern.compile("sealed:(k[0-9a-f]{16}):([A-Za-z0-9_-]{38,})");

  /** One text, for places where a text is kept; {@link #read} takes it apart. */
  public String text() {
    return "sealed:" + key + ":" + box;
  }

  /** What {@link #text} made; empty if it is any other text. */
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
