package io.capataz.supervisor.dispatch;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The topics that supervisors use: {@code capataz.kafka-topics.*}. All supervisors of an
 * installation have the same.
 *
 * @param prefix what the names of topics and share groups begin with; two installations on one
 *     cluster need two
 * @param replicationFactor replicas of a topic that is created here; 0: three, or one for each
 *     broker if there are fewer
 * @param minInsyncReplicas replicas that must have a record before it counts as written, for topics
 *     that are created here; 0: the cluster's own setting
 * @param create whether missing topics are created; else they are made by somebody else
 */
@ConfigurationProperties("capataz.kafka-topics")
record KafkaTopicSettings(
    @DefaultValue("capataz.") String prefix,
    @DefaultValue("0") int replicationFactor,
    @DefaultValue("0") int minInsyncReplicas,
    @DefaultValue("true") boolean create) {

  /** As it is without settings. */
  static final KafkaTopicSettings USUAL = new KafkaTopicSettings("capataz.", 0, 0, true);

  private static final int MOST_REPLICAS = 100;

  KafkaTopicSettings {
    if (!prefix.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new IllegalArgumentException(
          "capataz.kafka-topics.prefix must be 1 to 100 letters, digits, dots, dashes and underscores, not '%s'."
              .formatted(prefix));
    }
    check("replication-factor", replicationFactor);
    check("min-insync-replicas", minInsyncReplicas);
    if (replicationFactor > 0 && minInsyncReplicas > replicationFactor) {
      throw new IllegalArgumentException(
          "capataz.kafka-topics.min-insync-replicas is %d, more than the replication factor of %d: no record could be written."
              .formatted(minInsyncReplicas, replicationFactor));
    }
  }

  private static void check(String name, int value) {
    if (value < 0 || value > MOST_REPLICAS) {
      throw new IllegalArgumentException(
          "capataz.kafka-topics.%s must be 0 to %d, not %d.".formatted(name, MOST_REPLICAS, value));
    }
  }

  /** The topic of all hosts. */
  String ofHosts() {
    return prefix + "announcements";
  }

  /** The topic of a pool, and its share group. */
  String ofPool(String pool) {
    return prefix + "pool." + pool;
  }

  /** The topic over which supervisors hear of each other's jobs. */
  String ofEvents() {
    return prefix + "events";
  }

  /** A topic as it is to be. */
  TopicPlan plan(String name, int partitions, Map<String, String> settings, boolean shared) {
    var all = new HashMap<>(settings);
    if (minInsyncReplicas > 0) {
      all.put(TopicPlan.MIN_INSYNC, String.valueOf(minInsyncReplicas));
    }
    return new TopicPlan(name, partitions, replicationFactor, create, all, shared);
  }
}
