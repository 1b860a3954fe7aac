package io.capataz.supervisor.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.progress.Progress;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A client that does not read has no buffer that grows: it gets what there is when it reads on. */
class SlowClientTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  /** Takes events only while it is let. */
  private static final class Client implements EventSink {
    final List<String> events = new CopyOnWriteArrayList<>();
    final Semaphore places = new Semaphore(0);
    volatile @Nullable End end;

    @Override
    public void send(String event, String id, String data) throws IOException {
      try {
        places.acquire();
      } catch (InterruptedException stopped) {
        throw new IOException(stopped);
      }
      var json = MessageJson.mapper().readTree(data);
      events.add(event.equals("progress") ? json.at("/message").asString() : event);
    }

    @Override
    public void ping() {}

    @Override
    public void flush() {}

    @Override
    public void end(End why) {
      end = why;
    }
  }

  @Test
  void who_falls_behind_gets_what_there_is_and_then_what_changes() throws Exception {
    var order = agent.claimHeard(work.post(work.taskOn(agent, Map.of())));
    agent.started(order);
    var job = supervisor.context().getBean(Jobs.class).find(order.job()).orElseThrow();
    var logs = new EventLogs();
    var client = new Client();
    var allowed = new AtomicBoolean(true);

    try (var use = logs.use("acme")) {
      var running = CompletableFuture.runAsync(() -> follow(use, job, client, allowed));
      client.places.release(1);
      await().until(() -> client.events.equals(List.of("snapshot")));
      for (var i = 1; i <= 10 + EventLog.KEPT; i++) {
        use.log().add(List.of(progress(job, i)));
        if (i == 1) {
          // It is stuck with the first one in its hands.
          await().until(client.places::hasQueuedThreads);
        }
      }
      client.places.release(2);
      await().until(() -> client.events.size() == 3);
      assertThat(client.events).containsExactly("snapshot", "number 1", "resync");

      client.places.release(1);
      use.log().add(List.of(progress(job, 99_999)));
      await().until(() -> client.events.size() == 4);
      assertThat(client.events).endsWith("number 99999");

      allowed.set(false);
      running.join();
      assertThat(client.end).isEqualTo(EventSink.End.REVOKED);
    }
  }

  private void follow(EventLogs.Use use, Job job, Client client, AtomicBoolean allowed) {
    var caller = new Caller.Machine("acme", "t", "slow", Role.ADMIN, List.of(), null);
    var stream =
        new EventStream(
            use,
            EventFilter.one(job.id()),
            () -> allowed.get() ? Optional.of(caller) : Optional.empty(),
            supervisor.context().getBean(JobReader.class),
            client);
    try {
      stream.run(null, false);
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static JobChange progress(Job job, int number) {
    var attempt = new AttemptId(job.id(), 1);
    return new JobChange(
        job,
        new Progress(
            attempt.job() + "/" + attempt.number(),
            number,
            1,
            "number " + number,
            Instant.EPOCH,
            List.of()));
  }
}
