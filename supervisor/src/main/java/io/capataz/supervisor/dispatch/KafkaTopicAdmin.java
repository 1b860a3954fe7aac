package io.capataz.supervisor.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Topics of a Kafka cluster, through one client that is made when it is first needed. */
final class KafkaTopicAdmin implements TopicAdmin {

  /** The client's own limit for a call is shorter; this one is for a client that hangs. */
  private static final long LIMIT_SECONDS = 15;

  private static final short DEFAULT_REPLICAS = -1;

  private final KafkaClients clients;
  private @Nullable Admin admin;
  private boolean closed;

  KafkaTopicAdmin(KafkaClients clients) {
    this.clients = clients;
  }

  private synchronized Admin admin() {
    if (closed) {
      throw new KafkaException("This supervisor is shutting down.");
    }
    if (admin == null) {
      clients.checkPorts();
      admin = created();
    }
    return admin;
  }

  /** Its settings were checked at the start; what is left is that no name of a broker is known. */
  private Admin created() {
    try {
      return Admin.create(clients.admin());
    } catch (KafkaException e) {
      throw new TimeoutException("No client of Kafka could be made; is its name known here?", e);
    }
  }

  @Override
  public Optional<Found> find(String topic) {
    try {
      var found = answer(admin().describeTopics(List.of(topic)).allTopicNames()).get(topic);
      return Optional.ofNullable(found)
          .map(
              it ->
                  new Found(
                      it.partitions().size(),
                      it.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(0)));
    } catch (UnknownTopicOrPartitionException missing) {
      return Optional.empty();
    }
  }

  /** Nothing depends on it but a warning, and few users may ask. */
  @Override
  public Optional<String> minInsync(String topic) {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      return Optional.ofNullable(
              answer(admin().describeConfigs(List.of(resource)).all()).get(resource))
          .map(config -> config.get(TopicPlan.MIN_INSYNC))
          .map(ConfigEntry::value);
    } catch (KafkaException refused) {
      return Optional.empty();
    }
  }

  @Override
  public int brokers() {
    return answer(admin().describeCluster().nodes()).size();
  }

  @Override
  public void create(String topic, int partitions, int replicas, Map<String, String> settings) {
    var wanted =
        new NewTopic(topic, partitions, replicas == 0 ? DEFAULT_REPLICAS : (short) replicas)
            .configs(settings);
    try {
      answer(admin().createTopics(List.of(wanted)).all());
    } catch (TopicExistsException madeMeanwhile) {
      // What it is like is seen by the next look.
    }
  }

  @Override
  public void grow(String topic, int partitions) {
    answer(admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions))).all());
  }

  @Override
  public void beginWithOldest(String group) {
    answer(
        admin()
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.GROUP, group),
                    List.of(
                        new AlterConfigOp(
                            new ConfigEntry("share.auto.offset.reset", "earliest"),
                            AlterConfigOp.OpType.SET))))
            .all());
  }

  private static <T> T answer(KafkaFuture<T> future) {
    try {
      return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException told ? told : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("No answer within " + LIMIT_SECONDS + " s.", e);
    } catch (InterruptedException e) {
      // Sets the thread's mark again.
      throw new InterruptException(e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (admin != null) {
      admin.close(Duration.ofSeconds(2));
    }
  }
}
