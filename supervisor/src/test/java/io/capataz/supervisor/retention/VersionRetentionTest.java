package io.capataz.supervisor.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.task.OldTaskVersions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;

/** Old versions of tasks go, but not those that something still shows. */
class VersionRetentionTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final String task = work.taskOn(TestAgent.enrolled(supervisor), Map.of("timeout", 1));

  @Test
  void the_newest_and_those_of_jobs_are_kept() {
    for (var version = 2; version <= 9; version++) {
      change(version);
      if (version == 3) {
        work.post(task, Map.of());
      }
    }

    sweep(2);

    assertThat(versions()).containsExactly("9", "8", "7", "3");
    assertThat(supervisor.get("/acme/task/" + task + "/version/3").status()).isEqualTo(200);
    assertThat(supervisor.get("/acme/task/" + task + "/version/4").status()).isEqualTo(404);
    change(10);
    assertThat(versions()).containsExactly("10", "9", "8", "7", "3");
  }

  @Test
  void a_task_with_few_versions_keeps_all() {
    change(2);
    change(3);

    sweep(2);

    assertThat(versions()).containsExactly("3", "2", "1");
  }

  /** More than are read at once. */
  @Test
  void many_are_removed_whatever_is_kept_between_them() {
    for (var version = 2; version <= 130; version++) {
      change(version);
      if (version == 20 || version == 60) {
        work.post(task, Map.of());
      }
    }

    sweep(1);

    assertThat(versions()).containsExactly("130", "129", "60", "20");
  }

  private void change(int timeout) {
    var changed = supervisor.ask("PATCH", "/acme/task/" + task, Map.of("timeout", timeout));
    assertThat(changed.status()).isEqualTo(200);
  }

  private void sweep(int kept) {
    BeanFactory beans = supervisor.context();
    new VersionRetention(
            beans.getBean(OldTaskVersions.class),
            beans.getBean(JobQueries.class),
            new RetentionSettings(1, 1, kept))
        .sweepAll();
  }

  private List<String> versions() {
    return supervisor
        .get("/acme/task/" + task + "/version?limit=100")
        .body()
        .findValuesAsString("version");
  }
}
