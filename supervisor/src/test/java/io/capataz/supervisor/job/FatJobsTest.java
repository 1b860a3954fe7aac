package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A page of a list ends at so many bytes, however many items were asked for. */
class FatJobsTest {

  private static final int JOBS = 12;

  /** Each is returned twice: as JSON and as strings. */
  private static final String FAT = "x".repeat(400_000);

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final TestWork work = new TestWork(supervisor);

  @Test
  void a_page_of_fat_jobs_ends_early_and_the_next_one_goes_on() {
    var task = work.taskOn(agent, Map.of());
    for (var i = 0; i < JOBS; i++) {
      work.post(task);
      var order = agent.claimOne();
      agent.returned(order, new Outcome.Succeeded(), FAT);
    }

    var seen = new HashSet<String>();
    var cursor = "";
    var pages = 0;
    do {
      var page = supervisor.get("/acme/job?limit=1000&task=" + task + "&cursor=" + cursor);
      assertThat(page.raw().body().length()).isLessThan(6_000_000);
      page.body().forEach(job -> assertThat(seen.add(job.at("/id").asString())).isTrue());
      cursor = page.raw().headers().firstValue("X-Next-Cursor").orElse("");
      pages++;
    } while (!cursor.isEmpty());

    assertThat(seen).hasSize(JOBS);
    assertThat(pages).isGreaterThan(2);
  }
}
