package io.capataz.supervisor.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestStore;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;

/** Jobs that are posted and done while the store's primary changes. */
class ElectionTest {

  private static final int ELECTIONS = 6;
  private static final int JOBS_BETWEEN = 5;
  private static final Duration VACANT = Duration.ofMillis(1_200);
  private static final Duration UNSTEADY = Duration.ofMillis(800);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final Set<String> posted = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
  private final AtomicInteger unavailable = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();

  @Test
  void over_six_elections_no_job_is_lost_or_doubled_and_nothing_is_a_fault() throws Exception {
    var seed = System.nanoTime();
    try (var set = ReplicaSet.over(portOfStore(), seed);
        var supervisor =
            TestSupervisor.on(
                set.uri("test-" + UUID.randomUUID()),
                "--capataz.kafka=off",
                "--capataz.rate-limit.enabled=false");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var agent = TestAgent.enrolled(supervisor);
      var task = new TestWork(supervisor).taskOn(agent, Map.of());
      var posters =
          List.of(
              threads.submit(() -> post(supervisor, task)),
              threads.submit(() -> post(supervisor, task)));
      var workers = List.of(threads.submit(() -> work(agent)), threads.submit(() -> work(agent)));

      for (var election = 0; election < ELECTIONS; election++) {
        var before = done.size();
        await().atMost(PATIENCE).until(() -> done.size() >= before + JOBS_BETWEEN);
        set.elect(VACANT, UNSTEADY);
      }
      var before = done.size();
      await().atMost(PATIENCE).until(() -> done.size() >= before + JOBS_BETWEEN);
      enough.set(true);
      for (Future<?> poster : posters) {
        poster.get();
      }
      for (Future<?> worker : workers) {
        worker.get();
      }

      System.out.printf(
          "elections: seed %d, %d jobs, %d refusals and %d lost answers of the store, %d answers"
              + " 503%n",
          seed, posted.size(), set.refusals(), set.lostAnswers(), unavailable.get());
      assertThat(violations).isEmpty();
      assertThat(set.refusals() + set.lostAnswers()).describedAs("something broke").isPositive();
      assertThat(done.keySet()).isEqualTo(posted);
      assertThat(done.values()).describedAs("ends").allMatch(ends -> ends.get() == 1);
      assertStored(supervisor);
    }
  }

  private void assertStored(TestSupervisor supervisor) {
    var jobs = supervisor.context().getBean(MongoOperations.class).getCollection("jobs");
    assertThat(jobs.countDocuments()).describedAs("no job twice").isEqualTo(posted.size());
    assertThat(jobs.countDocuments(new Document("state", "SUCCEEDED").append("holding.attempt", 1)))
        .describedAs("each ended in its first attempt")
        .isEqualTo(posted.size());
  }

  private static int portOfStore() {
    var store = TestStore.shared();
    return Integer.parseInt(store.substring(store.lastIndexOf(':') + 1));
  }

  private void post(TestSupervisor supervisor, String task) {
    while (!enough.get()) {
      var key = UUID.randomUUID().toString();
      var answer =
          untilAvailable(
              () ->
                  supervisor.ask(
                      "POST", "/acme/task/" + task + "/job", Map.of(), "Idempotency-Key", key));
      if (answer.status() != 200 && answer.status() != 201) {
        violations.add("post: " + answer.status() + " " + answer.raw().body());
        return;
      }
      if (!posted.add(answer.text("/id"))) {
        violations.add("two posts made one job: " + answer.text("/id"));
      }
    }
  }

  /** Until all that was posted is done. */
  private void work(TestAgent agent) {
    while (!enough.get() || done.size() < posted.size()) {
      var id = TestAgent.newClaimId();
      var claim = new Claim(agent.epoch(), id, 1, List.of(), Claim.Heard.SYNC, null, null);
      var answer = untilAvailable(() -> agent.say("claims", claim));
      if (answer.status() != 200) {
        violations.add("claim: " + answer.status() + " " + answer.raw().body());
        return;
      }
      var orders = MessageJson.mapper().treeToValue(answer.body(), Claim.Answer.class).orders();
      orders.forEach(order -> run(agent, order));
      var beat = new Heartbeat(agent.epoch(), List.of(), Duration.ZERO);
      expect(200, "heartbeat", untilAvailable(() -> agent.say("heartbeat", beat)));
    }
  }

  private void run(TestAgent agent, WorkOrder order) {
    var attempt = "jobs/" + order.job() + "/attempts/" + order.attempt();
    var started = new AttemptStarted(order.claim(), 4711);
    expect(204, "started", untilAvailable(() -> agent.say(attempt + "/started", started)));
    AttemptEnd end = TestAgent.succeeded(order, 0);
    expect(204, "end", untilAvailable(() -> agent.say(attempt + "/end", end)));
    done.computeIfAbsent(order.job(), _ -> new AtomicInteger()).incrementAndGet();
  }

  private void expect(int status, String what, Answer answer) {
    if (answer.status() != status) {
      violations.add(what + ": " + answer.status() + " " + answer.raw().body());
    }
  }

  /** Asks again as long as the answer is 503, as every client does. */
  private Answer untilAvailable(Supplier<Answer> call) {
    while (true) {
      var answer = call.get();
      if (answer.status() != 503) {
        return answer;
      }
      unavailable.incrementAndGet();
      if (answer.raw().headers().firstValue("Retry-After").isEmpty()) {
        violations.add("503 without Retry-After: " + answer.raw().body());
      }
    }
  }
}
