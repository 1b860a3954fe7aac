package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A host that takes jobs again, or joins a pool, hears at once what waits for it. */
class EnabledHostsTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final TestAgent other = TestAgent.enrolled(supervisor);
  private final KafkaConsumer<byte[], byte[]> ears = ears();

  @AfterEach
  void close() {
    ears.close();
  }

  @Test
  void an_enabled_host_hears_what_waits_for_it_and_for_its_pools() {
    supervisor.put("/acme/host/" + agent.host() + "/disable");
    var own = work.post(work.taskOn(agent, Map.of()));
    awaitHeard(own);
    var pooled = work.post(work.taskIn(work.pool(agent), Map.of()));

    supervisor.put("/acme/host/" + agent.host() + "/enable");

    awaitHeard(own, pooled);
  }

  @Test
  void a_host_that_joins_a_pool_hears_what_waits_for_the_pool() {
    var pool = work.pool(other);
    var pooled = work.post(work.taskIn(pool, Map.of()));

    var joined =
        supervisor.put("/acme/pool/" + pool, Map.of("hosts", List.of(other.host(), agent.host())));

    assertThat(joined.status()).isEqualTo(200);
    awaitHeard(pooled);
  }

  /** Awaits that each of them is announced to the host from now on. */
  private void awaitHeard(String... jobs) {
    var heard = new ArrayList<String>();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              ears.poll(Duration.ofMillis(200))
                  .forEach(
                      record -> {
                        var announced = MessageJson.read(record.value(), Announcement.class);
                        if (agent.host().equals(announced.host()) && announced.job() != null) {
                          heard.add(announced.job());
                        }
                      });
              assertThat(heard).contains(jobs);
            });
  }

  private KafkaConsumer<byte[], byte[]> ears() {
    AnnouncementSource source = agent.open(List.of()).announcements();
    assertThat(source).isNotNull();
    var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", source.bootstrapServers(), "enable.auto.commit", "false"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    var place = new TopicPartition(source.topic(), source.partition());
    consumer.assign(List.of(place));
    consumer.seekToEnd(List.of(place));
    consumer.position(place);
    return consumer;
  }
}
