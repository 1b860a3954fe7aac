package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.capataz.common.secret.Secret;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), for the one user of a store. The
 * password never crosses the wire, and the client learns that the server knows it too: a stranger
 * who took the port gets nothing.
 */
final class ScramLogin {

  static final String USER = "capataz";

  static final String MECHANISM = "SCRAM-SHA-256";
  private static final String HMAC = "HmacSHA256";

  /** What MongoDB uses. */
  private static final int ITERATIONS = 15_000;

  private static final int AUTHENTICATION_FAILED = 18;
  private static final int BITS = 256;
  private static final int BYTES_OF_SALT = 28;
  private static final int BYTES_OF_NONCE = 24;

  private static final AttributeKey<Conversation> CONVERSATION =
      AttributeKey.valueOf(ScramLogin.class, "conversation");

  /** How far a client has come; the last step is {@code isKnown}. */
  private record Conversation(
      String nonce, String authMessage, boolean skipsLastExchange, boolean isKnown) {
    Conversation known() {
      return new Conversation(nonce, authMessage, skipsLastExchange, true);
    }
  }

  private final SecureRandom random = new SecureRandom();
  private final byte[] salt = new byte[BYTES_OF_SALT];
  private final byte[] storedKey;
  private final byte[] serverKey;

  ScramLogin(Secret password) {
    random.nextBytes(salt);
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(
                  new PBEKeySpec(password.reveal().toCharArray(), salt, ITERATIONS, BITS))
              .getEncoded();
      storedKey = digest(hmac(salted, "Client Key"));
      serverKey = hmac(salted, "Server Key");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has these algorithms.", e);
    }
  }

  /** Whether the client at the other end has proved that it knows the password. */
  static boolean isKnown(Channel channel) {
    Conversation conversation = channel.attr(CONVERSATION).get();
    return conversation != null && conversation.isKnown();
  }

  /** {@code saslStart}: the client names itself and sends its nonce. */
  Document start(Channel channel, Document command) {
    if (!MECHANISM.equals(command.get("mechanism"))) {
      throw refused("This store knows %s only.".formatted(MECHANISM));
    }
    String first = payload(command);
    int bare = first.indexOf(",,") + 2;
    if (bare < 2 || first.startsWith("p=")) {
      throw refused("The first message of the login is not one of SCRAM.");
    }
    Map<String, String> fields = fields(first.substring(bare));
    String clientNonce = fields.get("r");
    if (!USER.equals(fields.get("n")) || clientNonce == null || clientNonce.isEmpty()) {
      throw refused();
    }
    byte[] own = new byte[BYTES_OF_NONCE];
    random.nextBytes(own);
    String nonce = clientNonce + Base64.getEncoder().encodeToString(own);
    String answer =
        "r=%s,s=%s,i=%d".formatted(nonce, Base64.getEncoder().encodeToString(salt), ITERATIONS);
    boolean skips =
        command.get("options") instanceof Document options
            && Boolean.TRUE.equals(options.get("skipEmptyExchange"));
    channel
        .attr(CONVERSATION)
        .set(new Conversation(nonce, first.substring(bare) + "," + answer, skips, false));
    return answer(answer, false);
  }

  /** {@code saslContinue}: the client's proof; and an empty message of those who want another. */
  Document proceed(Channel channel, Document command) {
    Conversation conversation = channel.attr(CONVERSATION).get();
    if (conversation == null) {
      throw refused();
    }
    if (conversation.isKnown()) {
      return answer("", true);
    }
    String last = payload(command);
    Map<String, String> fields = fields(last);
    int proof = last.lastIndexOf(",p=");
    if (proof < 0 || !conversation.nonce().equals(fields.get("r"))) {
      throw refused();
    }
    String authMessage = conversation.authMessage() + "," + last.substring(0, proof);
    if (!isProof(last.substring(proof + 3), authMessage)) {
      channel.attr(CONVERSATION).set(null);
      throw refused();
    }
    channel.attr(CONVERSATION).set(conversation.known());
    return answer(
        "v=" + Base64.getEncoder().encodeToString(hmac(serverKey, authMessage)),
        conversation.skipsLastExchange());
  }

  private boolean isProof(String sent, String authMessage) {
    byte[] proof;
    try {
      proof = Base64.getDecoder().decode(sent);
    } catch (IllegalArgumentException e) {
      return false;
    }
    byte[] signature = hmac(storedKey, authMessage);
    if (proof.length != signature.length) {
      return false;
    }
    byte[] clientKey = new byte[proof.length];
    for (int i = 0; i < proof.length; i++) {
      clientKey[i] = (byte) (proof[i] ^ signature[i]);
    }
    return MessageDigest.isEqual(digest(clientKey), storedKey);
  }

  private static Document answer(String payload, boolean done) {
    return new Document("conversationId", 1)
        .append("done", done)
        .append("payload", new BinData(payload.getBytes(StandardCharsets.UTF_8)))
        .append("ok", 1.0);
  }

  private static String payload(Document command) {
    byte[] bytes =
        switch (command.get("payload")) {
          case BinData data -> data.getData();
          case byte[] data -> data;
          case null, default -> throw refused();
        };
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Map<String, String> fields(String message) {
    Map<String, String> fields = new HashMap<>();
    for (String field : message.split(",", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        fields.put(field.substring(0, equals), field.substring(equals + 1));
      }
    }
    return fields;
  }

  private static MongoServerError refused() {
    return refused("Authentication failed.");
  }

  private static MongoServerError refused(String why) {
    return new MongoServerError(AUTHENTICATION_FAILED, "AuthenticationFailed", why);
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has this algorithm.", e);
    }
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has this algorithm.", e);
    }
  }
}
