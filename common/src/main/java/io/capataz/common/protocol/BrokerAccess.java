package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects to a broker that uses TLS, authentication or both.
 *
 * @param protocol Kafka's {@code security.protocol}: {@code SSL}, {@code SASL_PLAINTEXT} or {@code
 *     SASL_SSL}
 * @param mechanism Kafka's {@code sasl.mechanism}: {@code PLAIN}, {@code SCRAM-SHA-256} or {@code
 *     SCRAM-SHA-512}; null without a user
 * @param user the user; null when the protocol knows none
 * @param password its password; null without a user
 * @param trust certificates that may sign the broker's, as PEM; null: those of the Java runtime
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BrokerAccess(
    String protocol,
    @Nullable String mechanism,
    @Nullable String user,
    @Nullable String password,
    @Nullable String trust) {

  public BrokerAccess {
    requireNonNull(protocol);
  }

  /** The same as settings of a Kafka client. */
  public Map<String, Object> clientSettings() {
    var settings = new HashMap<String, Object>();
    settings.put("security.protocol", protocol);
    if (mechanism != null && user != null && password != null) {
      settings.put("sasl.mechanism", mechanism);
      settings.put(
          "sasl.jaas.config",
          "%s required username=\"%s\" password=\"%s\";"
              .formatted(loginModule(mechanism), quoted(user), quoted(password)));
    }
    if (trust != null) {
      settings.put("ssl.truststore.type", "PEM");
      settings.put("ssl.truststore.certificates", trust);
    }
    return settings;
  }

  private static String loginModule(String mechanism) {
    return mechanism.equals("PLAIN")
        ? "org.apache.kafka.common.security.plain.PlainLoginModule"
        : "org.apache.kafka.common.security.scram.ScramLoginModule";
  }

  private static String quoted(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "BrokerAccess[protocol=%s, mechanism=%s, user=%s]".formatted(protocol, mechanism, user);
  }
}
