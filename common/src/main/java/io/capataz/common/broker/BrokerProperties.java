package io.capataz.common.broker;

import io.capataz.common.command.UsageError;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Settings of Kafka's clients from a properties file, under Kafka's own names: key stores, further
 * mechanisms, times. They win over what Capataz would set, apart from the names that it keeps for
 * itself.
 */
public final class BrokerProperties {

  /** No file. */
  public static final BrokerProperties NONE = new BrokerProperties(Map.of());

  /** What must not be set here, with the reason. */
  private static final Map<String, String> KEPT = kept();

  private final Map<String, String> values;

  private BrokerProperties(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  private static Map<String, String> kept() {
    var kept = new HashMap<String, String>();
    kept.put("bootstrap.servers", "the addresses are a setting of the supervisor");
    for (var name : Set.of("acks", "enable.idempotence", "transactional.id", "retries")) {
      kept.put(name, "it decides when an announcement counts as written");
    }
    for (var name :
        Set.of(
            "group.id",
            "group.instance.id",
            "group.protocol",
            "group.remote.assignor",
            "partition.assignment.strategy",
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "enable.auto.commit",
            "auto.offset.reset",
            "isolation.level",
            "max.poll.records",
            "share.acknowledgement.mode",
            "share.acquire.mode")) {
      kept.put(name, "it decides which announcements are heard");
    }
    kept.put("allow.auto.create.topics", "topics are made by supervisors or by you");
    for (var name :
        Set.of("key.serializer", "value.serializer", "key.deserializer", "value.deserializer")) {
      kept.put(name, "the form of records is fixed");
    }
    for (var name : Set.of("interceptor.classes", "partitioner.class", "metric.reporters")) {
      kept.put(name, "no further code runs in these clients");
    }
    return Map.copyOf(kept);
  }

  /**
   * Reads a file.
   *
   * @param setting how the file is named by who starts, as {@code --kafka-properties}
   * @param known all names that Kafka's clients have
   * @throws UsageError that names all that is wrong with it, without a value
   */
  public static BrokerProperties read(Path file, String setting, Set<String> known) {
    var found = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      found.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageError(
          "The file %s of %s cannot be read (%s). It must be a properties file in UTF-8 that this user may read."
              .formatted(file, setting, e.getClass().getSimpleName()));
    }
    var values = new HashMap<String, String>();
    found.forEach((name, value) -> values.put(name.toString(), value.toString().strip()));
    check(values.keySet(), "%s of %s".formatted(file, setting), known);
    return new BrokerProperties(values);
  }

  private static void check(Set<String> names, String where, Set<String> known) {
    var unknown = new TreeSet<>(names);
    unknown.removeAll(known);
    unknown.removeAll(KEPT.keySet());
    if (!unknown.isEmpty()) {
      throw new UsageError(
          "%s in %s: no setting of Kafka's clients has such a name. Correct it or remove it."
              .formatted(String.join(", ", unknown), where));
    }
    var kept = new TreeSet<>(names);
    kept.retainAll(KEPT.keySet());
    if (!kept.isEmpty()) {
      throw new UsageError(
          "%s in %s cannot be set there: %s. Remove it."
              .formatted(kept.first(), where, KEPT.get(kept.first())));
    }
  }

  /** Adds to the settings of a client what is given here and known to it. */
  public Map<String, Object> over(Map<String, Object> settings, Set<String> known) {
    var all = new HashMap<>(settings);
    values.forEach(
        (name, value) -> {
          if (known.contains(name)) {
            all.put(name, value);
          }
        });
    return all;
  }

  /** The value of a setting. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** Which settings are given. */
  public Set<String> names() {
    return values.keySet();
  }

  /** Names alone: values may be passwords. */
  @Override
  public String toString() {
    return "BrokerProperties" + new TreeSet<>(values.keySet());
  }
}
