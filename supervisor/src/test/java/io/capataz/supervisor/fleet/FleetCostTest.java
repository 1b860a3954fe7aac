package io.capataz.supervisor.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.fleet.FleetFields.Read;
import io.capataz.supervisor.fleet.FleetRun.Approval;
import io.capataz.supervisor.fleet.FleetRun.By;
import io.capataz.supervisor.fleet.FleetRun.Choice;
import io.capataz.supervisor.fleet.FleetRun.Off;
import io.capataz.supervisor.fleet.FleetRun.Wish;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.task.Tasks;
import io.capataz.testing.Repetitions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.Test;

/** A host costs the same in a run of 50 hosts and in one of many. */
class FleetCostTest {

  private static final int AT_ONCE = 10;
  private static final int MANY = Repetitions.of("capataz.fleet.cost");

  private final Map<String, Integer> commands = new ConcurrentHashMap<>();
  private final TestClock clock = new TestClock();

  /** Counts the commands of fleet runs, apart from the questions of the sweep. */
  private final class Commands implements CommandListener {
    @Override
    public void commandStarted(CommandStartedEvent event) {
      var of = event.getCommand().get(event.getCommandName());
      if (of != null
          && of.isString()
          && of.asString().getValue().startsWith("fleet_")
          && !isOfSweep(event.getCommand().toJson())) {
        commands.merge(event.getCommandName() + " " + of.asString().getValue(), 1, Integer::sum);
      }
    }
  }

  private static boolean isOfSweep(String command) {
    return command.contains("course.checkAt\": {\"$")
        || command.contains("course.closed\": {\"$lt");
  }

  @Test
  void a_host_costs_the_same_in_a_run_of_any_size() {
    try (var supervisor = TestSupervisor.observed(new Commands())) {
      var task = new TestWork(supervisor).taskOn(TestAgent.enrolled(supervisor), Map.of());
      clock.jump(Duration.ofDays(30));
      var driving = Driving.of(supervisor, clock);
      driving.enrol(MANY, clock);

      var few = perHost(driving, task, 50);
      var many = perHost(driving, task, MANY);
      System.out.printf("fleet: commands for each host of 50: %s, of %d: %s%n", few, MANY, many);
      // The first hosts of a run begin together, which counts for more in the smaller one.
      assertThat(total(many)).isBetween(total(few), total(few) + 1);
      assertThat(many.get("findAndModify fleet_hosts")).isEqualTo(2.0);
      assertThat(many.get("findAndModify fleet_runs")).isBetween(1.9, 2.0);
    }
  }

  private static double total(Map<String, Double> counts) {
    return counts.values().stream().mapToDouble(it -> it).sum();
  }

  private Map<String, Double> perHost(Driving driving, String task, int size) {
    var hosts = IntStream.range(0, size).mapToObj("6c%022x"::formatted).toList();
    var wish = new Wish(List.of("rest"), AT_ONCE, "10 %", 0, Approval.NONE, Off.SKIP, null, null);
    var read = new Read(new Choice(By.HOSTS, ""), hosts, wish, List.of());
    var definition =
        driving.supervisor().context().getBean(Tasks.class).find("acme", task).orElseThrow();
    var id = "6b%022x".formatted(size);
    var cause = new Cause(Origin.USER, "ann", null, null);
    var _ = driving.newRuns().make(id, definition, read, cause, null);
    commands.clear();

    driving.driver().look(id);
    var jobs = DyingSupervisor.jobs(driving.supervisor().context(), clock);
    var running = driving.hosts().from(id, Stage.RUNNING, 0, 1);
    var asked = 1;
    while (!running.isEmpty()) {
      var host = running.getFirst();
      var job = jobs.find(String.valueOf(host.attempt().job())).orElseThrow();
      var ended = Driving.end(jobs, job, host.host(), new Outcome.Succeeded(), clock.instant());
      driving.followUp().perform(ended, new Effect("fleet", "fleet", new Document()));
      running = driving.hosts().from(id, Stage.RUNNING, 0, 1);
      asked++;
    }
    // The questions of this test.
    commands.merge("find fleet_hosts", -asked, Integer::sum);
    assertThat(driving.runs().find(id).orElseThrow().isClosed()).isTrue();
    var perHost = new TreeMap<String, Double>();
    commands.forEach((name, count) -> perHost.put(name, Math.round(100.0 * count / size) / 100.0));
    return perHost;
  }
}
