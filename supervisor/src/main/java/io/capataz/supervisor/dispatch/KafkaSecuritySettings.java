package io.capataz.supervisor.dispatch;

import io.capataz.common.command.StartFailure;
import io.capataz.common.protocol.BrokerAccess;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * TLS and authentication for Kafka: {@code capataz.kafka-security.*}. Agents receive their part
 * when they open a session.
 *
 * @param protocol what Kafka's listener speaks
 * @param mechanism how a user logs in
 * @param user the supervisor's user; it writes announcements, and makes topics and share groups
 * @param password its password
 * @param passwordFile a file containing it instead
 * @param agentUser the user of all agents; it reads topics and share groups {@code capataz.*}. Not
 *     set: agents do not listen, and find their work by polling
 * @param agentPassword its password
 * @param agentPasswordFile a file containing it instead
 * @param caFile certificates that may sign the brokers', as PEM; not set: those of the Java runtime
 */
@ConfigurationProperties("capataz.kafka-security")
record KafkaSecuritySettings(
    @DefaultValue("PLAINTEXT") Protocol protocol,
    @DefaultValue("SCRAM_SHA_512") Mechanism mechanism,
    @Nullable String user,
    @Nullable Secret password,
    @Nullable Path passwordFile,
    @Nullable String agentUser,
    @Nullable Secret agentPassword,
    @Nullable Path agentPasswordFile,
    @Nullable Path caFile) {

  /** Kafka's {@code security.protocol}. */
  enum Protocol {
    /** No authentication and no encryption. */
    PLAINTEXT,
    /** TLS without users. */
    SSL,
    /** Users without TLS. */
    SASL_PLAINTEXT,
    /** TLS and users. */
    SASL_SSL;

    private boolean hasUsers() {
      return this == SASL_PLAINTEXT || this == SASL_SSL;
    }
  }

  /** Kafka's {@code sasl.mechanism}. */
  enum Mechanism {
    /** The password is sent as it is. */
    PLAIN,
    SCRAM_SHA_256,
    SCRAM_SHA_512;

    private String word() {
      return name().replace('_', '-');
    }
  }

  /** A Kafka without TLS and authentication. */
  static final KafkaSecuritySettings NONE =
      new KafkaSecuritySettings(
          Protocol.PLAINTEXT, Mechanism.SCRAM_SHA_512, null, null, null, null, null, null, null);

  KafkaSecuritySettings {
    if (protocol.hasUsers() && (user == null || (password == null && passwordFile == null))) {
      throw new IllegalArgumentException(
          "capataz.kafka-security.protocol is %s, which needs a user. Set capataz.kafka-security.user, and its password in capataz.kafka-security.password-file."
              .formatted(protocol));
    }
    if (!protocol.hasUsers() && (user != null || agentUser != null)) {
      throw new IllegalArgumentException(
          "capataz.kafka-security.user or agent-user is set, but capataz.kafka-security.protocol is %s, which has no users. Set it to SASL_SSL."
              .formatted(protocol));
    }
    if (agentUser != null && agentPassword == null && agentPasswordFile == null) {
      throw new IllegalArgumentException(
          "capataz.kafka-security.agent-user is set, but not its password. Set"
              + " capataz.kafka-security.agent-password-file.");
    }
  }

  /** How a supervisor gets in; empty: there is nothing to it. */
  Optional<BrokerAccess> own() {
    return access(user, password, passwordFile);
  }

  /** How agents get in; empty: there is nothing to it. */
  Optional<BrokerAccess> ofAgents() {
    return access(agentUser, agentPassword, agentPasswordFile);
  }

  /** Whether agents can get in at all. */
  boolean letsAgentsIn() {
    return !protocol.hasUsers() || agentUser != null;
  }

  private Optional<BrokerAccess> access(
      @Nullable String name, @Nullable Secret secret, @Nullable Path file) {
    if (protocol == Protocol.PLAINTEXT) {
      return Optional.empty();
    }
    var trust = caFile == null ? null : text(caFile, "ca-file");
    if (!protocol.hasUsers() || name == null) {
      return Optional.of(new BrokerAccess(protocol.name(), null, null, null, trust));
    }
    var password = file == null || secret != null ? revealed(secret) : text(file, "password-file");
    return Optional.of(new BrokerAccess(protocol.name(), mechanism.word(), name, password, trust));
  }

  private static @Nullable String revealed(@Nullable Secret secret) {
    return secret == null ? null : secret.reveal();
  }

  private static String text(Path file, String setting) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new StartFailure(
          "The file %s of capataz.kafka-security.%s cannot be read (%s). Check the path, and that this user may read it."
              .formatted(file, setting, e.getClass().getSimpleName()));
    }
  }

  /** Without the passwords. */
  @Override
  public String toString() {
    return "KafkaSecuritySettings[protocol=%s, user=%s, agentUser=%s]"
        .formatted(protocol, user, agentUser);
  }
}
