package io.capataz.supervisor.vault;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals values for the store and opens them. Somebody who reads the store, or a copy of it, learns
 * nothing about them; somebody who writes to it can neither change a value nor move it to another
 * place.
 *
 * <p>A value is sealed for a context, the one place where it is stored: see {@link #context}. The
 * newest key seals and all keys open, so that a key can be rotated without downtime; {@code
 * docs/credentials.md} says how.
 */
public final class Vault {

  private static final String DIGEST_KEY = "digest-key";
  private static final String KEY = "key/";
  private static final Bytes CHECK = Bytes.utf8("capataz");

  private final List<VaultKey> keys;
  private final byte[] digestKey;

  private Vault(List<VaultKey> keys, byte[] digestKey) {
    this.keys = List.copyOf(keys);
    this.digestKey = digestKey;
  }

  /**
   * The vault with these keys, newest first.
   *
   * @throws VaultRefused if they are not the ones with which the store's values were sealed
   */
  static Vault open(Path file, List<VaultKey> keys, VaultRecords records) {
    var newest = keys.getFirst();
    // The first writer decides which keys belong to the store.
    var kept = records.keep(DIGEST_KEY, newest.seal(DIGEST_KEY, VaultKey.random()));
    var vault = new Vault(keys, new byte[0]);
    for (var check : records.all()) {
      try {
        vault.openBytes(check.id(), check.value());
      } catch (CannotOpen wrong) {
        throw new VaultRefused(
            "The vault key file %s does not match this store: %s Use the same key file as the other supervisors of this store. Old keys must stay in it as long as something is sealed with them."
                .formatted(file, wrong.reason()));
      }
    }
    records.keep(KEY + newest.id(), newest.seal(KEY + newest.id(), CHECK.toArray()));
    var digestKey = vault.openBytes(DIGEST_KEY, kept.value());
    if (!kept.value().key().equals(newest.id())) {
      records.replace(kept, newest.seal(DIGEST_KEY, digestKey.toArray()));
    }
    return new Vault(keys, digestKey.toArray());
  }

  /**
   * The one place where a value is stored, such as {@code context("acme", "task", id,
   * "env/TOKEN")}: the organization, the kind of object, its id, the field. The value opens only
   * there.
   */
  public static String context(String organization, String kind, String id, String field) {
    // Includes the lengths, so that different places never have the same name.
    var context = new StringBuilder();
    for (var part : List.of(organization, kind, id, field)) {
      context.append(part.length()).append(':').append(part).append('\n');
    }
    return context.toString();
  }

  /** Seals a secret for the place named by {@link #context}. */
  public Sealed seal(String context, Secret secret) {
    return sealBytes(context, Bytes.utf8(secret.reveal()));
  }

  /**
   * The secret that was sealed for that place.
   *
   * @throws CannotOpen if it was sealed for another one, was changed, or its key is missing
   */
  public Secret open(String context, Sealed sealed) {
    return Secret.of(openBytes(context, sealed).asUtf8());
  }

  /** Seals bytes for the place named by {@link #context}. */
  public Sealed sealBytes(String context, Bytes value) {
    return keys.getFirst().seal(context, value.toArray());
  }

  /**
   * The bytes that were sealed for that place.
   *
   * @throws CannotOpen if they were sealed for another one, were changed, or their key is missing
   */
  public Bytes openBytes(String context, Sealed sealed) {
    for (var key : keys) {
      if (key.id().equals(sealed.key())) {
        return Bytes.of(key.open(context, sealed));
      }
    }
    throw new CannotOpen(
        "A value was sealed with key " + sealed.key() + ", which this supervisor does not have.");
  }

  /**
   * Seals a string for a field that stores strings. An empty one stays empty: there is nothing to
   * hide.
   */
  public String sealText(String context, String text) {
    return text.isEmpty() ? text : sealBytes(context, Bytes.utf8(text)).text();
  }

  /**
   * Opens the result of {@link #sealText}.
   *
   * @throws CannotOpen if it is not sealed, was sealed for another place, was changed, or its key
   *     is missing
   */
  public String openText(String context, String text) {
    if (text.isEmpty()) {
      return text;
    }
    var box = Sealed.read(text).orElseThrow(() -> new CannotOpen("A masked value is not sealed."));
    return openBytes(context, box).asUtf8();
  }

  /**
   * A digest of a value that may be short and easy to guess; only the vault can compute it. It does
   * not change when keys are rotated.
   *
   * @param purpose digests for different purposes are different
   */
  public String digest(String purpose, Bytes value) {
    return "hmac:" + HexFormat.of().formatHex(hmac(hmac(digestKey, purpose), value.toArray()));
  }

  private static byte[] hmac(byte[] key, String text) {
    return hmac(key, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] hmac(byte[] key, byte[] value) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(value);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform supports HmacSHA256.", e);
    }
  }
}
