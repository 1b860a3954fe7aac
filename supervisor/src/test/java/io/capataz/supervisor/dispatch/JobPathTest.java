package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Counts the commands to the store that a job costs: those that docs/performance.md lists. */
class JobPathTest {

  private static final Path DOCS = Path.of("../docs/performance.md");

  /** Rounds to find one in which no object was too old to be used without a look. */
  private static final int ROUNDS = 20;

  private final Queue<String> commands = new ConcurrentLinkedQueue<>();
  private final Queue<String> inserted = new ConcurrentLinkedQueue<>();

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

  @Test
  void a_job_costs_the_commands_that_the_docs_list() throws Exception {
    try (var supervisor = TestSupervisor.observed(new Requests())) {
      var agent = TestAgent.enrolled(supervisor);
      var task = new TestWork(supervisor).taskOn(agent, Map.of());
      var key = supervisor.post("/acme/task/" + task + "/secret", Map.of("overlap", 0));
      var run = "/acme/task/%s/secret/%s/job".formatted(task, key.text("/secret"));

      var seen = new ArrayList<Map<String, List<String>>>();
      for (var round = 0; round < ROUNDS; round++) {
        seen.add(path(supervisor, agent, run));
      }
      assertThat(seen).contains(listed());
    }
  }

  private Map<String, List<String>> path(TestSupervisor supervisor, TestAgent agent, String run) {
    var steps = new LinkedHashMap<String, List<String>>();
    commands.clear();
    inserted.clear();
    var answer =
        CompletableFuture.supplyAsync(
            () ->
                supervisor.send(
                    supervisor
                        .request(run)
                        .header("Prefer", "wait=30")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}"))));
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

  /** The rows of the table whose first cell is a step: {@code | step | `command`, … | …}. */
  private static Map<String, List<String>> listed() throws IOException {
    var steps = new LinkedHashMap<String, List<String>>();
    var inTable = false;
    for (var line : Files.readAllLines(DOCS)) {
      if (line.startsWith("| step | store commands |")) {
        inTable = true;
      } else if (inTable && !line.startsWith("|")) {
        break;
      } else if (inTable && !line.startsWith("|---")) {
        var cells = line.split("\\|", -1);
        steps.put(
            cells[1].strip(),
            cells[2].strip().equals("–")
                ? List.of()
                : Arrays.stream(cells[2].split(",", -1))
                    .map(command -> command.replace("`", "").strip())
                    .toList());
      }
    }
    return steps;
  }
}
