package io.capataz.supervisor.dispatch;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A topic as it is to be.
 *
 * @param replicas how many replicas it gets, if it is created here; 0: what is usual
 * @param create whether it may be created here
 * @param settings its settings, if it is created here
 * @param shared whether hosts read it as a share group of the same name
 */
record TopicPlan(
    String name,
    int partitions,
    int replicas,
    boolean create,
    Map<String, String> settings,
    boolean shared) {

  static final String MIN_INSYNC = "min.insync.replicas";

  private static final String RETENTION = "retention.ms";

  TopicPlan {
    settings = Map.copyOf(settings);
  }

  /**
   * The settings that matter if the broker does not allow the others: how long records stay, and
   * what somebody has asked for.
   */
  Map<String, String> fewer() {
    var fewer = new HashMap<String, String>();
    fewer.put(RETENTION, settings.getOrDefault(RETENTION, "3600000"));
    minInsync().ifPresent(replicas -> fewer.put(MIN_INSYNC, replicas));
    return fewer;
  }

  /** The replicas that must have a record, if somebody has asked for a number. */
  Optional<String> minInsync() {
    return Optional.ofNullable(settings.get(MIN_INSYNC));
  }
}
