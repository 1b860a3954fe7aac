package io.capataz.supervisor.jobtoken;

import static io.capataz.supervisor.jobtoken.Calling.tokenOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Jobs;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever jobs start comes to an end: with the job that has started it, at the latest. */
class CalledJobsTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Calling it = new Calling(supervisor);

  private String started(String token, String api) {
    var answer = it.called(token, api);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    return answer.text("/data/job");
  }

  private String stateOf(String job) {
    return supervisor.get("/job/" + job).text("/state");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_end_of_a_job_ends_what_it_has_started(boolean canceled) {
    var child = it.function("child");
    var parent = it.running(it.function("parent", it.named("child")));
    var waiting = started(tokenOf(parent), child);
    var running = it.begun(started(tokenOf(parent), child));
    var done = it.begun(started(tokenOf(parent), child));
    it.agent.end(done, new Outcome.Succeeded());

    if (canceled) {
      supervisor.put("/acme/job/" + parent.job() + "/cancel");
    }
    it.agent.end(parent, canceled ? new Outcome.Canceled() : new Outcome.Succeeded());

    await().until(() -> stateOf(waiting), "canceled"::equals);
    await().until(() -> !supervisor.get("/job/" + running.job()).text("/stop_asked").isEmpty());
    it.agent.end(running, new Outcome.Canceled());
    assertThat(stateOf(running.job())).isEqualTo("canceled");
    assertThat(stateOf(done.job())).isEqualTo("success");
  }

  @Test
  void a_supervisor_that_dies_leaves_them_to_another() {
    var child = it.function("child");
    var parent = it.running(it.function("parent", it.named("child")));
    var waiting = started(tokenOf(parent), child);
    var jobs = supervisor.context().getBean(Jobs.class);
    var _ =
        DyingSupervisor.jobs(supervisor.context(), InstantSource.system())
            .end(jobs.find(parent.job()).orElseThrow(), "agent", Ending.of(new Outcome.TimedOut()));
    var ended = jobs.find(parent.job()).orElseThrow();
    assertThat(ended.pending().effects()).extracting(Job.Effect::kind).contains("end-called");

    DyingSupervisor.perform(supervisor.context(), ended);
    DyingSupervisor.perform(supervisor.context(), ended);

    assertThat(stateOf(waiting)).isEqualTo("canceled");
  }

  @Test
  void a_function_that_calls_itself_does_not_do_so_forever() {
    var self = it.function("self", it.named("self"));
    var order = it.running(self);

    for (var depth = 1; depth <= 20; depth++) {
      order = it.begun(started(tokenOf(order), self));
    }

    var refused = it.called(tokenOf(order), self);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("too_deep");
  }

  @Test
  void a_function_that_starts_too_many_has_to_wait() {
    var child = it.function("child");
    var parent = it.running(it.function("parent", it.named("child")));
    for (var open = 1; open <= 100; open++) {
      started(tokenOf(parent), child);
    }

    assertThat(it.called(tokenOf(parent), child).text("/code")).isEqualTo("too_many_calls");
  }
}
