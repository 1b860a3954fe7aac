package io.capataz.common.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes that do not change and are equal when their content is. Base64 in JSON. */
public final class Bytes {

  private final byte[] content;

  private Bytes(byte[] content) {
    this.content = content;
  }

  /** A copy of {@code content}. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Bytes of(byte[] content) {
    return new Bytes(content.clone());
  }

  /** The text in UTF-8. */
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of the content. */
  @JsonValue
  public byte[] toArray() {
    return content.clone();
  }

  public int length() {
    return content.length;
  }

  /** All but the first {@code count} bytes. */
  public Bytes withoutFirst(int count) {
    return new Bytes(Arrays.copyOfRange(content, count, content.length));
  }

  /** The content read as UTF-8; what is not UTF-8 becomes U+FFFD. */
  public String asUtf8() {
    return new String(content, StandardCharsets.UTF_8);
  }

  /** {@code sha256:} and the hexadecimal digest of the content. */
  public String sha256() {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return content.length + " bytes";
  }
}
