package io.capataz.agent.link;

import io.capataz.common.broker.BrokerPorts;
import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.protocol.BrokerAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How this agent reads from Kafka: with small buffers, since a record takes about a hundred bytes,
 * and with what the host's own file says.
 */
public final class BrokerClient {

  private static final Logger log = LoggerFactory.getLogger(BrokerClient.class);

  private static final String PROTOCOL = "security.protocol";

  private final BrokerProperties further;

  /** What was logged of a wrong protocol; once for all topics. */
  private final AtomicReference<String> told = new AtomicReference<>("");

  /**
   * @param further settings that win over those of the supervisor
   */
  public BrokerClient(BrokerProperties further) {
    this.further = further;
  }

  /**
   * Reads settings of Kafka's consumers.
   *
   * @param setting what names the file
   */
  public static BrokerProperties read(Path file, String setting) {
    return BrokerProperties.read(file, setting, ConsumerConfig.configNames());
  }

  /**
   * Settings of a consumer.
   *
   * @param access how to authenticate to the broker; null: it needs no authentication
   * @param fetch how long the broker holds a fetch while there are no records
   * @param own what this consumer needs besides
   */
  Map<String, Object> settings(
      String bootstrapServers,
      @Nullable BrokerAccess access,
      Duration fetch,
      Map<String, Object> own) {
    var settings = new HashMap<String, Object>();
    if (access != null) {
      settings.putAll(access.clientSettings());
    }
    settings.putAll(
        Map.ofEntries(
            Map.entry(ConsumerConfig.CLIENT_ID_CONFIG, "capataz-agent"),
            Map.entry(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            Map.entry(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class),
            Map.entry(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class),
            Map.entry(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false),
            Map.entry(ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG, ""),
            Map.entry(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false),
            Map.entry(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 256 * 1024),
            Map.entry(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 * 1024),
            Map.entry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, 32 * 1024),
            Map.entry(ConsumerConfig.SEND_BUFFER_CONFIG, 16 * 1024),
            Map.entry(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) fetch.toMillis()),
            Map.entry(ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG, 100L),
            Map.entry(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 10_000L),
            Map.entry(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 20_000)));
    settings.putAll(own);
    return further.over(settings, ConsumerConfig.configNames());
  }

  /**
   * The same settings, once the brokers were seen to speak the protocol in them, or nobody
   * answered.
   *
   * @throws WrongProtocol if they speak another; one sentence in the log has said so
   */
  Map<String, Object> checked(Map<String, Object> settings) {
    var servers = String.valueOf(settings.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
    var protocol = String.valueOf(settings.getOrDefault(PROTOCOL, "PLAINTEXT"));
    var wrong = BrokerPorts.mismatch(servers, protocol);
    if (wrong.isPresent()) {
      if (!wrong.get().equals(told.getAndSet(wrong.get()))) {
        log.warn("{} Until then, jobs are found by polling.", wrong.get());
      }
      throw new WrongProtocol(wrong.get());
    }
    return settings;
  }
}
