package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is asked of a broker so that topics are there, and how often. */
class TopicSetupTest {

  private static final TopicPlan HOSTS =
      new TopicPlan("hosts", 4, 0, true, Map.of("retention.ms", "7", "segment.ms", "3"), false);
  private static final TopicPlan POOL =
      new TopicPlan("pool", 1, 0, true, Map.of("retention.ms", "7", "segment.ms", "3"), true);

  private final MadeUpBroker broker = new MadeUpBroker();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final TopicSetup setup = new TopicSetup(broker, () -> now);

  private final Logger logger = (Logger) LoggerFactory.getLogger(TopicSetup.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void listen() {
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void end() {
    logger.detachAppender(logged);
  }

  @Test
  void a_topic_that_is_there_is_not_created() {
    broker.topics.put("hosts", 4);

    assertThat(setup.ensure(HOSTS)).isTrue();
    assertThat(setup.ensure(HOSTS)).isTrue();

    assertThat(broker.calls).containsExactly("describe hosts");
  }

  @Test
  void a_missing_topic_is_created_and_a_narrow_one_grows() {
    broker.topics.put("pool", 0);

    assertThat(setup.ensure(HOSTS)).isTrue();
    assertThat(setup.ensure(POOL)).isTrue();

    assertThat(broker.topics).containsEntry("hosts", 4).containsEntry("pool", 1);
    assertThat(broker.calls).endsWith("grow pool", "group pool");
  }

  @Test
  void settings_that_a_service_does_not_allow_are_left_out() {
    broker.allowed = List.of("retention.ms");
    assertThat(setup.ensure(HOSTS)).isTrue();

    broker.allowed = List.of();
    assertThat(setup.ensure(POOL)).isTrue();

    assertThat(broker.calls)
        .filteredOn(call -> call.startsWith("create"))
        .containsExactly(
            "create hosts [retention.ms, segment.ms]",
            "create hosts [retention.ms]",
            "create pool [retention.ms, segment.ms]",
            "create pool [retention.ms]",
            "create pool []");
  }

  @Test
  void refused_growth_and_group_settings_are_told_and_the_topic_is_used() {
    broker.topics.put("hosts", 1);
    broker.topics.put("pool", 1);
    broker.growing = new TopicAuthorizationException("hosts");
    broker.group = new GroupAuthorizationException("pool");

    assertThat(setup.ensure(HOSTS)).isTrue();
    assertThat(setup.ensure(POOL)).isTrue();

    assertThat(warnings())
        .anyMatch(line -> line.contains("fewer partitions"))
        .anyMatch(line -> line.contains("share group"));
  }

  @Test
  void two_hundred_jobs_for_a_topic_that_is_refused_ask_once_and_log_once() {
    broker.creating = new TopicAuthorizationException("pool");
    try (var jobs = Executors.newVirtualThreadPerTaskExecutor()) {
      IntStream.range(0, 200).forEach(_ -> jobs.execute(() -> setup.ensure(POOL)));
    }
    assertThat(broker.calls).hasSize(2);
    assertThat(warnings()).hasSize(1);

    // Further attempts are ever rarer, and each is silent as long as the reason is the same.
    for (var pause = TopicSetup.AFTER_REFUSAL;
        pause.compareTo(TopicSetup.LONGEST) < 0;
        pause = pause.multipliedBy(2)) {
      assertThat(setup.nextAttempt("pool")).isEqualTo(now.plus(pause));
      now = now.plus(pause);
      assertThat(setup.ensure(POOL)).isFalse();
    }
    assertThat(setup.nextAttempt("pool")).isEqualTo(now.plus(TopicSetup.LONGEST));
    assertThat(warnings()).hasSize(1);

    broker.creating = null;
    assertThat(setup.ensure(POOL)).describedAs("remembered").isFalse();
    now = now.plus(TopicSetup.LONGEST);
    assertThat(setup.ensure(POOL)).isTrue();
    assertThat(setup.ensure(HOSTS)).isTrue();
  }

  @Test
  void no_answer_is_asked_again_soon() {
    broker.creating = new TimeoutException("away");
    for (var i = 0; i < 10; i++) {
      assertThat(setup.ensure(POOL)).isFalse();
      assertThat(setup.nextAttempt("pool")).isEqualTo(now.plus(TopicSetup.AFTER_OUTAGE));
      now = now.plus(TopicSetup.AFTER_OUTAGE);
    }
    assertThat(warnings()).hasSize(1);
  }

  @Test
  void a_topic_gets_three_replicas_where_there_are_as_many_brokers() {
    broker.brokers = 2;
    assertThat(setup.ensure(HOSTS)).isTrue();
    assertThat(broker.replicas).isEqualTo(2);

    broker.brokers = 5;
    assertThat(setup.ensure(POOL)).isTrue();
    assertThat(broker.replicas).isEqualTo(3);
  }

  @Test
  void a_topic_with_other_settings_is_told_and_used() {
    broker.topics.put("hosts", 4);
    broker.brokers = 3;
    broker.replicas = 1;
    broker.minInsync = Optional.of("2");

    assertThat(setup.ensure(settings(3, 1, true).plan("hosts", 4, Map.of(), false))).isTrue();

    assertThat(warnings())
        .hasSize(3)
        .allMatch(line -> line.contains("exists with another setting and is used as it is"));
    assertThat(broker.calls).containsExactly("describe hosts");
  }

  @Test
  void where_topics_are_not_to_be_created_a_missing_one_is_told_with_what_it_needs() {
    var plan = settings(0, 0, false).plan("hosts", 4, Map.of(), false);
    assertThat(setup.ensure(plan)).isFalse();
    assertThat(broker.calls).containsExactly("describe hosts");
    assertThat(failures()).anyMatch(it -> it.contains("Create it with at least 4 partitions"));

    broker.topics.put("hosts", 2);
    now = now.plus(TopicSetup.AFTER_REFUSAL);
    assertThat(setup.ensure(plan)).isTrue();
    assertThat(broker.topics).containsEntry("hosts", 2);
    assertThat(warnings()).anyMatch(line -> line.contains("fewer partitions"));
  }

  @Test
  void settings_that_contradict_each_other_are_refused() {
    assertThatThrownBy(() -> settings(2, 3, true)).hasMessageContaining("no record could be");
    assertThatThrownBy(() -> settings(-1, 0, true)).hasMessageContaining("must be 0 to 100");
    assertThatThrownBy(() -> new KafkaTopicSettings("a b", 0, 0, true))
        .hasMessageContaining("kafka-topics.prefix");
  }

  private static KafkaTopicSettings settings(int replicas, int minInsync, boolean create) {
    return new KafkaTopicSettings("t.", replicas, minInsync, create);
  }

  private List<String> failures() {
    return List.copyOf(logged.list).stream()
        .flatMap(event -> event.getKeyValuePairs().stream())
        .map(String::valueOf)
        .toList();
  }

  @Test
  void a_topic_that_was_deleted_is_created_again() {
    assertThat(setup.ensure(HOSTS)).isTrue();
    broker.topics.clear();

    setup.failed("hosts", new UnknownTopicOrPartitionException("gone"));

    assertThat(setup.ensure(HOSTS)).isTrue();
    assertThat(broker.topics).containsKey("hosts");
  }

  @Test
  void records_that_are_refused_are_told_once_until_one_is_accepted() {
    assertThat(setup.ensure(HOSTS)).isTrue();
    for (var i = 0; i < 50; i++) {
      setup.failed("hosts", new TopicAuthorizationException("hosts"));
    }
    assertThat(warnings()).hasSize(1);

    setup.accepted("hosts");
    setup.failed("hosts", new TopicAuthorizationException("hosts"));

    assertThat(warnings()).hasSize(2);
  }

  private List<String> warnings() {
    return List.copyOf(logged.list).stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** Topics by name, with their partitions, and what it refuses. */
  private static final class MadeUpBroker implements TopicAdmin {

    final Map<String, Integer> topics = new HashMap<>();
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    List<String> allowed = List.of("retention.ms", "segment.ms");
    int brokers = 1;
    int replicas = 1;
    Optional<String> minInsync = Optional.empty();
    @Nullable KafkaException creating;
    @Nullable KafkaException growing;
    @Nullable KafkaException group;

    @Override
    public Optional<Found> find(String topic) {
      calls.add("describe " + topic);
      return Optional.ofNullable(topics.get(topic))
          .map(partitions -> new Found(partitions, replicas));
    }

    @Override
    public Optional<String> minInsync(String topic) {
      return minInsync;
    }

    @Override
    public int brokers() {
      return brokers;
    }

    @Override
    public void create(String topic, int partitions, int factor, Map<String, String> settings) {
      calls.add("create " + topic + " " + settings.keySet().stream().sorted().toList());
      refuse(creating);
      if (!allowed.containsAll(settings.keySet())) {
        throw new PolicyViolationException("Only " + allowed + " may be set.");
      }
      topics.put(topic, partitions);
      replicas = factor;
    }

    @Override
    public void grow(String topic, int partitions) {
      calls.add("grow " + topic);
      refuse(growing);
      topics.put(topic, partitions);
    }

    @Override
    public void beginWithOldest(String name) {
      calls.add("group " + name);
      refuse(group);
    }

    private static void refuse(@Nullable KafkaException failure) {
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void close() {}
  }
}
