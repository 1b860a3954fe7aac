package io.capataz.supervisor.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that topics are there. It looks before it creates, because on many clusters topics are
 * made by somebody else and this supervisor may only write to them.
 *
 * <p>What the broker refuses is remembered for a while and logged once. Without that, every job
 * that waits would ask again.
 */
final class TopicSetup {

  /** After no answer. The broker may be back at any moment, and asking costs little. */
  static final Duration AFTER_OUTAGE = Duration.ofSeconds(5);

  /** After the first refusal; it doubles with each further one. */
  static final Duration AFTER_REFUSAL = Duration.ofSeconds(30);

  static final Duration LONGEST = Duration.ofMinutes(5);

  private static final int USUAL_REPLICAS = 3;

  private static final Logger log = LoggerFactory.getLogger(TopicSetup.class);

  private final TopicAdmin broker;
  private final InstantSource clock;
  private final Map<String, Topic> topics = new ConcurrentHashMap<>();

  TopicSetup(TopicAdmin broker, InstantSource clock) {
    this.broker = broker;
    this.clock = clock;
  }

  /**
   * Whether a topic is there, after an attempt to create it if need be. May take some seconds;
   * callers for one topic wait for the same attempt.
   */
  boolean ensure(TopicPlan plan) {
    return topic(plan.name()).ensure(plan);
  }

  /** When it makes sense to ask for a topic again; in the past if it does now. */
  Instant nextAttempt(String name) {
    return topic(name).nextAttempt;
  }

  /** The broker has taken a record. */
  void accepted(String name) {
    topic(name).accepted();
  }

  /** The broker has not taken a record; the topic may be gone. */
  void failed(String name, Exception failure) {
    topic(name).failed(failure);
  }

  private Topic topic(String name) {
    return topics.computeIfAbsent(name, Topic::new);
  }

  /** What is known of a topic. */
  private final class Topic {

    private final String name;
    private volatile boolean ready;
    private volatile Instant nextAttempt = Instant.MIN;
    private Duration pause = AFTER_REFUSAL;

    /** The kind of failure that was logged; null while all is well. */
    private volatile @Nullable Class<?> told;

    Topic(String name) {
      this.name = name;
    }

    boolean ensure(TopicPlan plan) {
      return ready || attempt(plan);
    }

    private synchronized boolean attempt(TopicPlan plan) {
      if (ready || nextAttempt.isAfter(clock.instant())) {
        return ready;
      }
      try {
        setUp(plan);
        ready = true;
        pause = AFTER_REFUSAL;
        told = null;
        log.atInfo().addKeyValue("topic", name).log("topic ready");
      } catch (KafkaException failure) {
        putOff(failure);
        tell(
            failure, "topic could not be created or read; what it would say is found in the store");
      }
      return ready;
    }

    private void putOff(KafkaException failure) {
      if (failure instanceof RetriableException) {
        nextAttempt = clock.instant().plus(AFTER_OUTAGE);
        return;
      }
      nextAttempt = clock.instant().plus(pause);
      pause = pause.compareTo(LONGEST.dividedBy(2)) > 0 ? LONGEST : pause.multipliedBy(2);
    }

    void accepted() {
      if (told != null) {
        told = null;
        log.atInfo().addKeyValue("topic", name).log("broker accepts records again");
      }
    }

    void failed(Exception failure) {
      if (failure instanceof UnknownTopicOrPartitionException
          || failure instanceof org.apache.kafka.common.errors.TimeoutException) {
        ready = false;
      }
      tell(failure, "broker did not accept a record; what it says is found in the store");
    }

    private void tell(Exception failure, String what) {
      // Of a wrong protocol, one sentence has been logged for all topics.
      var news = !failure.getClass().equals(told) && !(failure instanceof WrongProtocol);
      told = failure.getClass();
      (news ? log.atWarn() : log.atDebug())
          .addKeyValue("topic", name)
          .addKeyValue("failure", failure.toString())
          .log(what);
    }
  }

  private void setUp(TopicPlan plan) {
    var there = broker.find(plan.name());
    if (there.isEmpty()) {
      createIfWanted(plan);
    } else {
      if (there.get().partitions() < plan.partitions()) {
        grow(plan, there.get().partitions());
      }
      tellDifferences(plan, there.get());
    }
    if (plan.shared()) {
      beginWithOldest(plan.name());
    }
  }

  private void createIfWanted(TopicPlan plan) {
    if (!plan.create()) {
      throw new KafkaException(
          "There is no such topic, and capataz.kafka-topics.create is false. Create it with at least %d partitions."
              .formatted(plan.partitions()));
    }
    create(
        plan, plan.replicas() > 0 ? plan.replicas() : Math.min(USUAL_REPLICAS, broker.brokers()));
  }

  /** Some services limit what may be set; a topic with their own settings is better than none. */
  private void create(TopicPlan plan, int replicas) {
    for (var settings : List.of(plan.settings(), plan.fewer())) {
      try {
        broker.create(plan.name(), plan.partitions(), replicas, settings);
        return;
      } catch (InvalidConfigurationException | PolicyViolationException refused) {
        if (refused instanceof AuthorizationException) {
          throw refused;
        }
        log.atWarn()
            .addKeyValue("topic", plan.name())
            .addKeyValue("settings", settings)
            .addKeyValue("replicas", replicas)
            .addKeyValue("failure", refused.toString())
            .log("broker refuses settings of a topic; it is created with fewer");
      }
    }
    broker.create(plan.name(), plan.partitions(), 0, Map.of());
  }

  /** The topic is used as it is: somebody may have made it so on purpose. */
  private void tellDifferences(TopicPlan plan, TopicAdmin.Found there) {
    var minInsync = broker.minInsync(plan.name());
    var replicas = there.replicas();
    if (plan.replicas() > 0 && replicas != plan.replicas()) {
      differs(plan, "replication factor", replicas, plan.replicas());
    } else if (replicas == 1 && broker.brokers() > 1) {
      differs(plan, "replication factor", replicas, "more: with its one broker, it is away");
    }
    plan.minInsync()
        .filter(wanted -> minInsync.isPresent() && !minInsync.get().equals(wanted))
        .ifPresent(wanted -> differs(plan, TopicPlan.MIN_INSYNC, minInsync.get(), wanted));
    if (minInsync.filter(least -> Integer.parseInt(least) > replicas).isPresent()) {
      differs(plan, TopicPlan.MIN_INSYNC, minInsync.get(), "less than its replicas: " + replicas);
    }
  }

  private static void differs(TopicPlan plan, String what, Object there, Object wanted) {
    log.atWarn()
        .addKeyValue("topic", plan.name())
        .addKeyValue("setting", what)
        .addKeyValue("is", there)
        .addKeyValue("wanted", wanted)
        .log("topic exists with another setting and is used as it is; alter it, or the setting");
  }

  private void grow(TopicPlan plan, int there) {
    try {
      if (!plan.create()) {
        throw new PolicyViolationException("capataz.kafka-topics.create is false");
      }
      broker.grow(plan.name(), plan.partitions());
    } catch (KafkaException failure) {
      unlessRefused(failure);
      log.atWarn()
          .addKeyValue("topic", plan.name())
          .addKeyValue("partitions", there)
          .addKeyValue("wanted", plan.partitions())
          .addKeyValue("failure", failure.toString())
          .log(
              "topic has fewer partitions than capataz.announcement-partitions; hosts beyond them"
                  + " find their jobs by sync. Add partitions, or lower the setting");
    }
  }

  /** Without it, a new pool misses the jobs announced before its first host listens. */
  private void beginWithOldest(String group) {
    try {
      broker.beginWithOldest(group);
    } catch (KafkaException failure) {
      unlessRefused(failure);
      log.atWarn()
          .addKeyValue("group", group)
          .addKeyValue("failure", failure.toString())
          .log(
              "broker refuses a setting of a pool's share group; the pool's first jobs may be found"
                  + " by sync alone");
    }
  }

  private static void unlessRefused(KafkaException failure) {
    if (failure instanceof RetriableException) {
      throw failure;
    }
  }
}
