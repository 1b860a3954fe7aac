package io.capataz.supervisor.fleet;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.fleet.FleetFields.Read;
import io.capataz.supervisor.fleet.FleetRun.By;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.run.Startable;
import io.capataz.supervisor.run.Starter;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Repeats fleet runs: each start is another run of the same task in the same way, on the hosts that
 * its choice means at that moment.
 */
@Component
class FleetStarter implements Starter {

  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final NewFleetRuns newRuns;
  private final FleetChanges changes;
  private final FleetDriver driver;
  private final ChosenHosts chosen;
  private final Tasks tasks;

  FleetStarter(
      FleetRuns runs,
      FleetHosts hosts,
      NewFleetRuns newRuns,
      FleetChanges changes,
      FleetDriver driver,
      ChosenHosts chosen,
      Tasks tasks) {
    this.runs = runs;
    this.hosts = hosts;
    this.newRuns = newRuns;
    this.changes = changes;
    this.driver = driver;
    this.chosen = chosen;
    this.tasks = tasks;
  }

  @Override
  public String kind() {
    return FleetRun.FLEET;
  }

  @Override
  public Optional<Startable> find(String organization, String id) {
    return owned(organization, id)
        .flatMap(run -> tasks.forRun(organization, run.task()).map(task -> of(run, task)));
  }

  private Optional<FleetRun> owned(String organization, String id) {
    return runs.find(id)
        .filter(run -> run.course().frozen() && run.organization().equals(organization));
  }

  @Override
  public Optional<Startable> visible(Caller.Member member, String id) {
    return runs.visible(member, id)
        .flatMap(run -> tasks.visible(member, run.task()).map(task -> of(run, task)));
  }

  private static Startable of(FleetRun run, Task task) {
    return new Startable(
        FleetRun.FLEET,
        run.organization(),
        run.id(),
        task.name(),
        task.start().enabled(),
        task.runParameters(),
        run.acl());
  }

  @Override
  public void check(Startable what, List<JsonNode> given) {
    var _ = Arguments.check(what.parameters(), given);
  }

  @Override
  public void start(
      Startable what, String id, List<JsonNode> given, Cause cause, @Nullable Instant notBefore) {
    var run = repeated(what);
    var task =
        tasks
            .forRun(what.organization(), run.task())
            .orElseThrow(() -> ApiProblem.notFound("The task"));
    runs.repeated(run);
    var read = new Read(run.choice(), listed(run), run.wish(), given);
    driver.look(newRuns.make(id, task, read, cause, run.id()).id());
  }

  private FleetRun repeated(Startable what) {
    return owned(what.organization(), what.id())
        .orElseThrow(() -> ApiProblem.notFound("The fleet run"));
  }

  private List<String> listed(FleetRun run) {
    if (run.choice().by() != By.HOSTS) {
      return List.of();
    }
    var listed = hosts.all(run.id()).stream().map(FleetHost::host).toList();
    var there = Set.copyOf(chosen.stillThere(run.organization(), listed));
    return listed.stream().filter(there::contains).toList();
  }

  @Override
  public boolean isStarted(String organization, String id) {
    return owned(organization, id).isPresent();
  }

  @Override
  public List<String> open(Startable what, int limit) {
    return runs.openOf(repeated(what), limit).stream().map(FleetRun::id).toList();
  }

  @Override
  public void cancel(String organization, String id, String by) {
    owned(organization, id).ifPresent(run -> changes.cancel(by, run));
  }
}
