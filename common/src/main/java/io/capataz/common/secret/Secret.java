package io.capataz.common.secret;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A value that neither its {@code toString} nor an exception about it shows: a key, a token, a
 * password.
 *
 * <p>It is not a Jackson type on purpose: whoever puts a secret on the wire calls {@link #reveal()}
 * and can be found by that name.
 */
public final class Secret {

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /** Hides {@code value}, which must not be blank. */
  public static Secret of(String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException("A secret must not be blank.");
    }
    return new Secret(value);
  }

  /** Hides what a stranger has sent for a secret, which may be anything, blank too. */
  public static Secret shown(String value) {
    return new Secret(value);
  }

  /** The hidden value. */
  public String reveal() {
    return value;
  }

  /** Compares in a time that does not depend on where the two differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}
