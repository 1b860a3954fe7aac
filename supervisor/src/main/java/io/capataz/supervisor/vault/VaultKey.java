package io.capataz.supervisor.vault;

import io.capataz.common.protocol.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A vault key, AES-256-GCM; identified by the beginning of its digest. */
final class VaultKey {

  /** Its size in bytes. */
  static final int BYTES = 32;

  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final int ID_DIGITS = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String id;
  private final SecretKey key;

  private VaultKey(byte[] key) {
    this.id = "k" + Bytes.of(key).sha256().substring("sha256:".length()).substring(0, ID_DIGITS);
    this.key = new SecretKeySpec(key, "AES");
  }

  /** The key with these bytes. */
  static VaultKey of(byte[] key) {
    if (key.length != BYTES) {
      throw new IllegalArgumentException("A vault key must have " + BYTES + " bytes.");
    }
    return new VaultKey(key);
  }

  /** New random bytes, for a key. */
  static byte[] random() {
    var key = new byte[BYTES];
    RANDOM.nextBytes(key);
    return key;
  }

  String id() {
    return id;
  }

  Sealed seal(String context, byte[] value) {
    var nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    try {
      var cipher = cipher(Cipher.ENCRYPT_MODE, nonce, context);
      var box = new byte[NONCE + cipher.getOutputSize(value.length)];
      System.arraycopy(nonce, 0, box, 0, NONCE);
      cipher.doFinal(value, 0, value.length, box, NONCE);
      return new Sealed(id, Base64.getUrlEncoder().withoutPadding().encodeToString(box));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform supports AES-GCM.", e);
    }
  }

  byte[] open(String context, Sealed sealed) {
    byte[] box;
    try {
      box = Base64.getUrlDecoder().decode(sealed.box());
    } catch (IllegalArgumentException notBase64) {
      throw changed();
    }
    if (box.length < NONCE + TAG_BITS / Byte.SIZE) {
      throw changed();
    }
    var nonce = new byte[NONCE];
    System.arraycopy(box, 0, nonce, 0, NONCE);
    try {
      return cipher(Cipher.DECRYPT_MODE, nonce, context).doFinal(box, NONCE, box.length - NONCE);
    } catch (AEADBadTagException notWhatWasSealed) {
      throw changed();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform supports AES-GCM.", e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String context) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD((id + '\n' + context).getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static CannotOpen changed() {
    return new CannotOpen("A sealed value was changed or moved in the store.");
  }

  @Override
  public String toString() {
    return "vault key " + id;
  }
}
