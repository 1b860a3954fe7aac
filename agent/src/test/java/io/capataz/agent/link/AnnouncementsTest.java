package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {

  private final List<String> told = new ArrayList<>();
  private final Announcements announcements =
      new Announcements(
          new AnnouncementSource("nowhere:1", "news", 0),
          new BrokerClient(BrokerProperties.NONE),
          "web-1",
          new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), new Random()),
          jobs -> told.add("work " + jobs),
          () -> told.add("look"),
          new AtomicBoolean(),
          () -> {});

  private void hear(byte[]... values) {
    announcements.hear(Stream.of(values).map(AnnouncementsTest::record).toList());
  }

  private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] value) {
    return new ConsumerRecord<>("news", 0, 0, null, value);
  }

  @Test
  void jobs_of_a_poll_are_told_together_and_many_looks_are_one() {
    hear(
        MessageJson.write(Announcement.forHost("web-1", "j1", 1)),
        MessageJson.write(Announcement.look("web-1")),
        MessageJson.write(Announcement.forHost("web-1", "j2", 1)),
        MessageJson.write(Announcement.look("web-1")));

    assertThat(told).containsExactly("look", "work [j1, j2]");
  }

  @Test
  void what_is_for_others_or_no_announcement_is_passed_over() {
    hear(
        MessageJson.write(Announcement.forHost("web-2", "j1", 1)),
        MessageJson.write(Announcement.look("web-2")),
        MessageJson.write(Announcement.forPool("web-1", "j1", 1)),
        text("{\"v\":2,\"kind\":\"work\",\"host\":\"web-1\",\"job\":\"j1\",\"seq\":1}"),
        text("{\"v\":1,\"kind\":\"dance\",\"host\":\"web-1\",\"job\":\"j1\",\"seq\":1}"),
        text("junk"),
        new byte[0]);
    announcements.hear(List.of(record(null)));

    assertThat(told).isEmpty();
  }

  private static byte[] text(String text) {
    return Bytes.utf8(text).toArray();
  }
}
