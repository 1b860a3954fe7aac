package io.capataz.supervisor.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.trigger.PageCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/** The commands of {@code docs/fleet-runs.md} do what the page says. */
class FleetPageTest {

  /** Of its own: the labels of the page choose all hosts that have them. */
  private static final TestSupervisor supervisor =
      TestSupervisor.with("--capataz.rate-limit.enabled=false");

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @Test
  void the_commands_of_the_page_work() throws IOException {
    var token = Map.of("labels", Map.of("os", "linux"));
    var agents =
        IntStream.range(0, 3).mapToObj(_ -> TestAgent.enrolled(supervisor, token)).toList();
    var page = new PageCommands(supervisor, Path.of("..", "docs", "fleet-runs.md"));
    var task = new TestWork(supervisor).taskOn(agents.getFirst(), Map.of());
    page.set("TASK", task);
    var made = page.next();
    assertThat(made.body().at("/waves").size()).isGreaterThanOrEqualTo(3);
    var run = made.text("/id");
    page.set("RUN", run);
    assertThat(page.next().text("/failures_allowed")).isEqualTo("5");
    assertThat(page.next().body()).isEmpty();
    assertThat(page.next().text("/state")).isEqualTo("paused");
    var last = supervisor.get("/fleet/" + run + "/host?state=to_come&sort=-place").body().get(0);
    page.set("HOST", last.at("/hostname").asString());
    assertThat(page.next().text("/totals/skipped")).isEqualTo("1");
    assertThat(page.next().text("/failures_allowed")).isEqualTo("8");
    gate(run);
    assertThat(page.next().text("/waves/1/begun")).isEqualTo("true");
    fail(run);
    assertThat(page.next().text("/totals/failed")).isEqualTo("0");
    assertThat(page.next().text("/state")).isIn("canceling", "canceled");
    assertThat(page.next().text("/data/fleet_id")).isEqualTo(run);
    assertThat(page.next().text("/0/id")).isEqualTo(run);
    assertThat(page.isOver()).isTrue();
  }

  /** As if all waves but the last were over. */
  private void gate(String run) {
    supervisor
        .context()
        .getBean(MongoOperations.class)
        .updateFirst(
            Query.query(Criteria.where("id").is(run)),
            new Update().set("course.gate", true),
            FleetRun.class);
  }

  /** As if a host had failed. */
  private void fail(String run) {
    supervisor
        .context()
        .getBean(MongoOperations.class)
        .updateFirst(
            Query.query(Criteria.where("run").is(run).and("stage").is(Stage.RUNNING)),
            new Update().set("stage", Stage.FAILED),
            FleetHost.class);
  }
}
