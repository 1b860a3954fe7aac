package io.capataz.supervisor.dispatch;

import io.capataz.common.broker.BrokerPorts;
import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.command.UsageError;
import io.capataz.common.protocol.BrokerAccess;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of this supervisor's clients of Kafka, from all places where there are some. Wrong
 * ones are refused at the start. That a broker is away, or its name not known yet, is no reason not
 * to start.
 */
final class KafkaClients {

  private static final Logger log = LoggerFactory.getLogger(KafkaClients.class);

  /** A name or number, after a protocol that Kafka passes over, and a port. */
  private static final String ADDRESS =
      "(?:[A-Z_]+://)?(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):[0-9]{1,5}";

  private static final String CLIENT_ID = "client.id";
  private static final int ROOM = 5_000;
  private static final String PROTOCOL = "security.protocol";

  private final String servers;
  private final Map<String, Object> access;
  private final BrokerProperties further;
  private boolean told;

  KafkaClients(String servers, KafkaSecuritySettings security, KafkaClientSettings client) {
    this.servers = servers;
    this.access = security.own().map(BrokerAccess::clientSettings).orElse(Map.of());
    this.further = client.properties(known());
    refuseTwice();
    check();
  }

  private static Set<String> known() {
    var names = new HashSet<>(ProducerConfig.configNames());
    names.addAll(ConsumerConfig.configNames());
    names.addAll(AdminClientConfig.configNames());
    return names;
  }

  private void refuseTwice() {
    var twice =
        further.names().stream().filter(access::containsKey).sorted().collect(Collectors.toList());
    if (!twice.isEmpty()) {
      throw new UsageError(
          "%s in the file of capataz.kafka-client.properties-file is also set by capataz.kafka-security.*: keep one of them."
              .formatted(String.join(", ", twice)));
    }
  }

  /** Everything but the names of hosts, which may be unknown for now. */
  private void check() {
    if (!Pattern.matches(ADDRESS + "(?:," + ADDRESS + ")*,?", servers.replaceAll("\\s", ""))) {
      throw new UsageError(
          "Invalid capataz.kafka (CAPATAZ_KAFKA, --kafka) '%s': must be HOST:PORT of Kafka brokers, with commas between them, or off."
              .formatted(servers));
    }
    try {
      var config = new AdminClientConfig(admin());
      ClientUtils.createChannelBuilder(config, Time.SYSTEM, new LogContext()).close();
    } catch (KafkaException e) {
      throw new UsageError(
          "Kafka's client refuses its settings: %s. Check capataz.kafka-security.* and the file of capataz.kafka-client.properties-file: protocol, mechanism, certificates and key stores."
              .formatted(reason(e)));
    }
  }

  /** Without settings, of which one is a password. */
  private static String reason(KafkaException e) {
    if (e instanceof ConfigException && e.getCause() == null) {
      return String.valueOf(e.getMessage())
          .replaceAll("(?s)^Invalid value .* for configuration ", "invalid value of ");
    }
    return e.getCause() == null
        ? e.getClass().getSimpleName()
        : String.valueOf(e.getCause().getMessage());
  }

  Map<String, Object> admin() {
    return with(
        "-admin",
        Map.of("default.api.timeout.ms", 10_000, "request.timeout.ms", 5_000),
        AdminClientConfig.configNames());
  }

  /**
   * @param purpose what its client id ends with
   * @param own what it needs; the file wins over it
   */
  Map<String, Object> producer(String purpose, Map<String, Object> own) {
    return with(purpose, own, ProducerConfig.configNames());
  }

  /** Like {@link #producer}. */
  Map<String, Object> consumer(String purpose, Map<String, Object> own) {
    return with(purpose, own, ConsumerConfig.configNames());
  }

  private Map<String, Object> with(String purpose, Map<String, Object> own, Set<String> known) {
    var settings = new HashMap<>(access);
    settings.putAll(own);
    settings.put("bootstrap.servers", servers);
    var all = further.over(settings, known);
    leaveRoom(all);
    all.put(CLIENT_ID, further.value(CLIENT_ID).orElse("capataz-supervisor") + purpose);
    return all;
  }

  /** A client refuses a limit for a whole call that is shorter than the one for a request. */
  private void leaveRoom(Map<String, Object> settings) {
    var request =
        further
            .value("request.timeout.ms")
            .filter(text -> text.matches("[0-9]{1,9}"))
            .map(Integer::valueOf)
            .orElse(0);
    for (var whole : Set.of("delivery.timeout.ms", "default.api.timeout.ms")) {
      if (settings.get(whole) instanceof Integer millis && millis < request + ROOM) {
        settings.put(whole, request + ROOM);
      }
    }
  }

  /**
   * Looks whether the brokers speak what the settings say. It is done before the first client
   * connects; see {@link BrokerPorts}.
   *
   * @throws WrongProtocol if they do not; one sentence in the log has said so
   */
  synchronized void checkPorts() {
    var protocol = String.valueOf(admin().getOrDefault(PROTOCOL, "PLAINTEXT"));
    var wrong = BrokerPorts.mismatch(servers, protocol);
    if (wrong.isPresent()) {
      (told ? log.atDebug() : log.atWarn())
          .log("{} Until then, agents find their work by polling.", wrong.get());
      told = true;
      throw new WrongProtocol(wrong.get());
    }
  }
}
