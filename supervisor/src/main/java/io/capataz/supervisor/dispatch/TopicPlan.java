package io.capataz.supervisor.dispatch;

import java.util.Map;

/**
 * A topic as it is to be.
 *
 * @param settings its settings, if it is created here
 * @param shared whether hosts read it as a share group of the same name
 */
record TopicPlan(String name, int partitions, Map<String, String> settings, boolean shared) {

  /**
   * The one setting that matters if the broker does not allow the others: how long records stay.
   */
  Map<String, String> retentionOnly() {
    return Map.of("retention.ms", settings.getOrDefault("retention.ms", "3600000"));
  }
}
