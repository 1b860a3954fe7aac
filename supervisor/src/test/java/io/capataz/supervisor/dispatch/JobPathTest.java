package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.link.TestLink;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationListener;
import org.springframework.web.context.support.ServletRequestHandledEvent;

/**
 * Counts the commands to the store and the requests that a job costs, as docs/performance.md has
 * them.
 */
class JobPathTest {

  private static final Path DOCS = Path.of("../docs/performance.md");

  /** What a turn costs that carries three ends with output. */
  private static final List<String> TURN_OF_THREE =
      List.of(
          "insert job_output", "findAndModify jobs", "findAndModify jobs", "findAndModify jobs");

  /** Rounds to find one in which no object was too old to be used without a look. */
  private static final int ROUNDS = 20;

  private final Queue<String> commands = new ConcurrentLinkedQueue<>();
  private final Queue<String> inserted = new ConcurrentLinkedQueue<>();
  private final AtomicInteger requests = new AtomicInteger();

  /** Sees what requests cause, not the periodic work that is done for all jobs together. */
  private final class Requests implements CommandListener {
    @Override
    public void commandStarted(CommandStartedEvent event) {
      var of = event.getCommand().get(event.getCommandName());
      if (of == null || !of.isString() || Thread.currentThread().getName().startsWith("sweep-")) {
        return;
      }
      var collection = of.asString().getValue();
      commands.add(event.getCommandName() + " " + collection);
      if (event.getCommandName().equals("insert") && collection.equals("jobs")) {
        event
            .getCommand()
            .getArray("documents")
            .forEach(
                job -> inserted.add(job.asDocument().getObjectId("_id").getValue().toHexString()));
      }
    }
  }

  /** Sees each request once it is answered; the answer may be there before. */
  private final class Answered implements ApplicationListener<ServletRequestHandledEvent> {
    @Override
    public void onApplicationEvent(ServletRequestHandledEvent event) {
      requests.incrementAndGet();
    }
  }

  @Test
  void a_job_costs_the_commands_that_the_docs_list() throws Exception {
    try (var supervisor = TestSupervisor.observed(new Requests())) {
      var agent = TestAgent.enrolled(supervisor);
      var run = run(supervisor, agent);

      assertOneOf(supervisor, "calls", () -> byCalls(supervisor, agent, run));
    }
  }

  @Test
  void a_job_over_the_link_costs_the_commands_that_the_docs_list() throws Exception {
    try (var supervisor = TestSupervisor.observed(new Requests())) {
      var agent = TestAgent.enrolled(supervisor);
      var run = run(supervisor, agent);

      try (var link = TestLink.open(supervisor, agent)) {
        assertOneOf(supervisor, "link", () -> overLink(supervisor, link, run));
      }
    }
  }

  @Test
  void the_outputs_that_a_turn_carries_are_stored_by_one_command() throws Exception {
    try (var supervisor = TestSupervisor.observed(new Requests())) {
      var agent = TestAgent.enrolled(supervisor);
      var work = new TestWork(supervisor);
      var task = work.taskOn(agent, Map.of());
      var seen = new ArrayList<List<String>>();
      for (var round = 0; round < ROUNDS && !seen.contains(TURN_OF_THREE); round++) {
        work.post(task);
        work.post(task);
        work.post(task);
        try (var link = TestLink.open(supervisor, agent)) {
          link.say(link.claimWhatWaits(3));
          var orders = link.orders().orders();
          commands.clear();
          link.say(
              link.room(0), orders.stream().map(JobPathTest::whole).toArray(AttemptReport[]::new));
          seen.add(taken());
        }
      }
      assertThat(seen).contains(TURN_OF_THREE);
    }
  }

  private static AttemptReport whole(WorkOrder order) {
    return AttemptReport.of(order.attemptId(), printed(order), TestAgent.succeeded(order, 4));
  }

  private static String run(TestSupervisor supervisor, TestAgent agent) {
    var task = new TestWork(supervisor).taskOn(agent, Map.of());
    var key = supervisor.post("/acme/task/" + task + "/secret", Map.of("overlap", 0));
    return "/acme/task/%s/secret/%s/job".formatted(task, key.text("/secret"));
  }

  /** One job takes what the docs list, at the most some rounds after the supervisor's start. */
  private void assertOneOf(
      TestSupervisor supervisor, String way, Callable<Map<String, List<String>>> path)
      throws Exception {
    var listed = listed(way);
    supervisor.context().addApplicationListener(new Answered());
    var seen = new ArrayList<Map<String, List<String>>>();
    for (var round = 0; round < ROUNDS && !seen.contains(listed.commands()); round++) {
      requests.set(0);
      seen.add(path.call());
      await().until(() -> requests.get() == listed.requests());
    }
    assertThat(seen).contains(listed.commands());
  }

  private Map<String, List<String>> overLink(TestSupervisor supervisor, TestLink link, String run)
      throws InterruptedException {
    var steps = new LinkedHashMap<String, List<String>>();
    link.say(link.claim(1));
    commands.clear();
    var answer = post(supervisor, run);
    var order = link.orders().orders().getFirst();
    steps.put("POST and order", taken());
    link.say(
        link.room(0), AttemptReport.of(order.attemptId(), new AttemptStarted(order.claim(), 4711)));
    steps.put("started, if it runs for more than 25 ms", taken());
    link.say(link.room(1), whole(order));
    assertThat(answer.join().text("/lifecycle")).isEqualTo("finished");
    steps.put("end with up to 64 KiB of output, and the waiting caller", taken());
    return steps;
  }

  private static OutputReport printed(WorkOrder order) {
    return new OutputReport(
        order.claim(),
        List.of(new Chunk(Stream.STDOUT, 0, Duration.ofMillis(5), Bytes.utf8("done"))));
  }

  private CompletableFuture<TestSupervisor.Answer> post(TestSupervisor supervisor, String run) {
    return CompletableFuture.supplyAsync(
        () ->
            supervisor.send(
                supervisor
                    .request(run)
                    .header("Prefer", "wait=30")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{}"))));
  }

  private Map<String, List<String>> byCalls(
      TestSupervisor supervisor, TestAgent agent, String run) {
    var steps = new LinkedHashMap<String, List<String>>();
    commands.clear();
    inserted.clear();
    var answer = post(supervisor, run);
    await().until(() -> !inserted.isEmpty());
    steps.put("POST", taken());
    var order = agent.claimHeard(inserted.element());
    steps.put("claim", taken());
    agent.started(order);
    steps.put("started", taken());
    agent.print(order, Stream.STDOUT, 0, "done");
    steps.put("output", taken());
    agent.end(order, new Outcome.Succeeded());
    assertThat(answer.join().text("/lifecycle")).isEqualTo("finished");
    steps.put("end, and the waiting caller", taken());
    return steps;
  }

  private List<String> taken() {
    var taken = List.copyOf(commands);
    commands.clear();
    return taken;
  }

  /**
   * A table of the docs.
   *
   * @param commands by step
   * @param requests in all
   */
  private record Listed(Map<String, List<String>> commands, int requests) {}

  /** The rows {@code | step | `command`, … | requests | …} of the table of a way. */
  private static Listed listed(String way) throws IOException {
    var steps = new LinkedHashMap<String, List<String>>();
    var requests = 0;
    var inTable = false;
    for (var line : Files.readAllLines(DOCS)) {
      if (line.startsWith("| by " + way + " | store commands |")) {
        inTable = true;
      } else if (inTable && !line.startsWith("|")) {
        break;
      } else if (inTable && !line.startsWith("|---")) {
        var cells = line.split("\\|", -1);
        steps.put(cells[1].strip(), commands(cells[2]));
        requests += cells[3].strip().equals("–") ? 0 : Integer.parseInt(cells[3].strip());
      }
    }
    return new Listed(steps, requests);
  }

  private static List<String> commands(String cell) {
    return Arrays.stream(cell.split(",", -1))
        .map(command -> command.replace("`", "").strip())
        .toList();
  }
}
