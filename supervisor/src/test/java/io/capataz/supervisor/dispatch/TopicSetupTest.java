package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.OptionalInt;
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
      new TopicPlan("hosts", 4, Map.of("retention.ms", "7", "segment.ms", "3"), false);
  private static final TopicPlan POOL =
      new TopicPlan("pool", 1, Map.of("retention.ms", "7", "segment.ms", "3"), true);

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
    @Nullable KafkaException creating;
    @Nullable KafkaException growing;
    @Nullable KafkaException group;

    @Override
    public OptionalInt partitionsOf(String topic) {
      calls.add("describe " + topic);
      return topics.containsKey(topic) ? OptionalInt.of(topics.get(topic)) : OptionalInt.empty();
    }

    @Override
    public void create(String topic, int partitions, Map<String, String> settings) {
      calls.add("create " + topic + " " + settings.keySet().stream().sorted().toList());
      refuse(creating);
      if (!allowed.containsAll(settings.keySet())) {
        throw new PolicyViolationException("Only " + allowed + " may be set.");
      }
      topics.put(topic, partitions);
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
