package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.runtime.CapatazSettings;
import java.nio.file.Path;
import java.time.InstantSource;

/** The topics of a supervisor, with clients of its own, without the supervisor. */
final class TestTopics extends AnnouncementTopics {

  private final TopicAdmin broker;

  private TestTopics(CapatazSettings settings, KafkaSettings kafka, KafkaClients clients) {
    this(settings, kafka, clients, new KafkaTopicAdmin(clients));
  }

  private TestTopics(
      CapatazSettings settings, KafkaSettings kafka, KafkaClients clients, TopicAdmin broker) {
    super(settings, kafka, clients, new TopicSetup(broker, InstantSource.system()));
    this.broker = broker;
  }

  static TestTopics on(String servers, int partitions, KafkaSettings kafka) {
    return new TestTopics(
        new CapatazSettings(
            "mongodb://unused", servers, Path.of("unused"), "unused", null, partitions, null),
        kafka,
        new KafkaClients(servers, kafka.security(), kafka.client()));
  }

  @Override
  public synchronized void destroy() {
    super.destroy();
    broker.close();
  }
}
