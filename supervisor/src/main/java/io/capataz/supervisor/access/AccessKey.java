package io.capataz.supervisor.access;

import io.capataz.common.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A key as presented by a client: {@code cpz_<kind>_<id><secret><check>}, letters and digits only,
 * so that it fits into a path.
 *
 * <p>The id is public and finds the record. The secret has 256 random bits, of which only the
 * SHA-256 is stored; slow hashes are for passwords, which people choose. The check digits detect a
 * typing mistake without asking the store.
 */
public final class AccessKey {

  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int ID = 16;
  private static final int SECRET = 43;
  private static final int CHECK = 6;
  private static final Pattern FORM =
      Pattern.compile("cpz_([a-z]{2})_[0-9A-Za-z]{" + (ID + SECRET + CHECK) + "}");
  private static final Pattern WORD = Pattern.compile("[0-9A-Za-z]+");
  private static final RandomGenerator RANDOM = new SecureRandom();

  private final Kind kind;
  private final String id;
  private final String hash;

  private AccessKey(Kind kind, String id, String hash) {
    this.kind = kind;
    this.id = id;
    this.hash = hash;
  }

  /** What a key gives access to; its two letters are part of the key. */
  public enum Kind {
    /** An integration token: API access on behalf of an organization, with a role. */
    IT,
    /** A personal token: API access on behalf of a person. */
    PT,
    /** A session: a logged-in person, for a day. */
    SE,
    /** A login code: exchanged for a session, once, within a minute, in one browser. */
    LC,
    /** A login link: signs the owner in to the console, once, at the first start. */
    LL,
    /** A secret key: starts exactly one task. */
    SK,
    /** A join token: lets a limited number of new agents enrol. */
    JT,
    /** A client token: starts and follows API tasks of some libraries. */
    CT,
    /** A job's key: shows the result of exactly one job. */
    JK,
    /** A run's token: starts the tasks that its task may call, while it runs. Never stored. */
    RT,
    /** An agent's credential. */
    AG;

    /** The length of the public part; that of a run's token has room for the id of its job. */
    private int idLength() {
      return this == RT ? ID + 1 : ID;
    }
  }

  /**
   * A new key, available only here.
   *
   * @param key what to keep of it
   * @param text what to hand out
   */
  public record Issued(AccessKey key, Secret text) {}

  /** Makes a new random key. */
  public static Issued issue(Kind kind) {
    var body = random(ID) + random(SECRET);
    return new Issued(read(kind, body), text(kind, body));
  }

  /**
   * A key that can be computed again, and so need not be stored.
   *
   * @param id its public part, as long as that of a key of this kind
   * @param secret random to everybody who cannot compute it; of its letters and digits, the first
   *     ones are used
   */
  public static Issued derived(Kind kind, String id, String secret) {
    var body = (id + secret).substring(0, ID + SECRET);
    if (id.length() != kind.idLength() || !WORD.matcher(body).matches()) {
      throw new IllegalArgumentException("no form of a key");
    }
    return new Issued(read(kind, body), text(kind, body));
  }

  private static Secret text(Kind kind, String body) {
    return Secret.of(
        "cpz_" + kind.name().toLowerCase(Locale.ROOT) + "_" + body + check(kind, body));
  }

  /** Parses a presented key; empty if it cannot be one of ours. */
  public static Optional<AccessKey> parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    for (var kind : Kind.values()) {
      if (kind.name().equalsIgnoreCase(form.group(1))) {
        var body = text.substring(7, 7 + ID + SECRET);
        return text.endsWith(check(kind, body)) ? Optional.of(read(kind, body)) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  public Kind kind() {
    return kind;
  }

  /** The public part, which identifies its record. */
  public String id() {
    return id;
  }

  /** The stored hash of the secret: {@code sha256:} and 64 hexadecimal digits. */
  public String hash() {
    return hash;
  }

  /** Whether this key matches the stored hash {@code kept}; takes constant time. */
  public boolean matches(String kept) {
    return MessageDigest.isEqual(
        hash.getBytes(StandardCharsets.US_ASCII), kept.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public String toString() {
    return kind + " key " + id;
  }

  private static AccessKey read(Kind kind, String body) {
    return new AccessKey(kind, body.substring(0, kind.idLength()), sha256(kind + body));
  }

  private static String random(int length) {
    var text = new StringBuilder(length);
    for (var i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }

  private static String check(Kind kind, String body) {
    var crc = new CRC32();
    crc.update((kind + body).getBytes(StandardCharsets.US_ASCII));
    var rest = crc.getValue();
    var text = new StringBuilder(CHECK);
    for (var i = 0; i < CHECK; i++) {
      text.append(ALPHABET.charAt((int) (rest % ALPHABET.length())));
      rest /= ALPHABET.length();
    }
    return text.toString();
  }

  private static String sha256(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return "sha256:"
          + HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform supports SHA-256.", e);
    }
  }
}
