package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What makes an agent stop its work rests on a primary that a majority has confirmed. */
class ConfirmedRefusalTest {

  private final AtomicInteger confirmations = new AtomicInteger();

  private final CommandListener listener =
      new CommandListener() {
        @Override
        public void commandStarted(CommandStartedEvent event) {
          if (event.getCommandName().equals("update")
              && event.getCommand().toString().contains("primary-check")) {
            confirmations.incrementAndGet();
          }
        }
      };

  @Test
  void attempts_and_sessions_are_refused_after_a_confirmation_and_accepted_without() {
    try (var supervisor = TestSupervisor.observed(listener)) {
      var agent = TestAgent.enrolled(supervisor);
      var work = new TestWork(supervisor);
      work.post(work.taskOn(agent, Map.of()));
      var order = agent.claimOne();
      assertThat(agent.started(order).status()).isEqualTo(204);
      assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
      assertThat(agent.say("sync", new Sync(agent.epoch(), false)).status()).isEqualTo(200);
      assertThat(confirmations).hasValue(0);

      assertThat(agent.end(order, new Outcome.TimedOut()).status()).isEqualTo(409);
      assertThat(confirmations).hasValue(1);
      assertThat(agent.started(order).status()).isEqualTo(409);
      assertThat(confirmations).hasValue(2);

      var earlier = agent.epoch();
      agent.open(List.of());
      assertThat(agent.say("sync", new Sync(earlier, false)).status()).isEqualTo(410);
      assertThat(confirmations).hasValue(3);
    }
  }
}
