package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A broker that takes connections and never says a word, from the start on. */
class MuteBrokerTest {

  /** Each call to the broker takes twice as long before it is given up. */
  private static final Duration SOON = Duration.ofSeconds(5);

  @Test
  void no_sweep_waits_for_it_and_time_goes_on() throws IOException {
    try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var supervisor = TestSupervisor.with("--capataz.kafka=127.0.0.1:" + mute.getLocalPort())) {
      var work = new TestWork(supervisor);
      var agent = TestAgent.enrolled(supervisor);
      IntStream.range(0, 5)
          .forEach(_ -> work.post(work.taskIn(work.pool(agent), Map.of("priority", 1))));
      var task = work.taskOn(agent, Map.of("priority", 9));
      var later = work.post(task, Map.of("not_before", Instant.now().plusSeconds(1).toString()));
      var announcer = supervisor.context().getBean(Announcer.class);

      var begun = System.nanoTime();
      announcer.sweep();
      announcer.sweep();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
      await().atMost(SOON).until(() -> work.status(later).equals("ready"));
      assertThat(agent.claimOne().job()).isEqualTo(later);
    }
  }
}
