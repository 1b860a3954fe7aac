package io.capataz.embedded.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.BrokerAccess;
import io.capataz.embedded.QuietLogs;
import io.capataz.testing.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptBrokerTest {

  private static final int ROUNDS = 3;
  private static final String TOPIC = "capataz.announcements";

  @TempDir Path folder;

  @Test
  void a_full_disk_ends_neither_the_process_nor_the_broker_for_good() throws Exception {
    QuietLogs.now();
    BrokerPasswords passwords = BrokerPasswords.random();
    try (SmallDisk disk = SmallDisk.mountedIn(folder, 64, "a broker on a full file system");
        KeptBroker broker = KeptBroker.start(disk.folder().resolve("broker"), passwords)) {
      Map<String, Object> access =
          new BrokerAccess(
                  "SASL_PLAINTEXT",
                  "PLAIN",
                  BrokerPasswords.SUPERVISOR,
                  passwords.supervisor().reveal(),
                  null)
              .clientSettings();
      access.put("bootstrap.servers", broker.bootstrapServers());
      try (Admin admin = Admin.create(access)) {
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
      }
      access.put("delivery.timeout.ms", 3_000);
      access.put("request.timeout.ms", 2_000);
      access.put("max.block.ms", 2_000);
      for (int round = 0; round < ROUNDS; round++) {
        // Another producer each time: what the last one has in flight is not the point.
        try (Producer<String, byte[]> producer =
            new KafkaProducer<>(access, new StringSerializer(), new ByteArraySerializer())) {
          await("a record is taken").atMost(Duration.ofSeconds(60)).until(() -> isTaken(producer));
          disk.fill();
          await("a record is refused")
              .atMost(Duration.ofSeconds(60))
              .until(() -> !isTaken(producer));
          disk.free();
          await("a record is taken again")
              .atMost(Duration.ofSeconds(60))
              .until(() -> isTaken(producer));
        }
      }
    }
    assertThat(folder.resolve("disk")).isEmptyDirectory();
  }

  private static boolean isTaken(Producer<String, byte[]> producer) throws InterruptedException {
    try {
      producer.send(new ProducerRecord<>(TOPIC, new byte[1_000])).get(10, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
