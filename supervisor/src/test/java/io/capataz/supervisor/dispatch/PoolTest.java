package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.Sync;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hosts that share work. */
class PoolTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent one = TestAgent.enrolled(supervisor);
  private final TestAgent two = TestAgent.enrolled(supervisor);
  private final TestAgent stranger = TestAgent.enrolled(supervisor);

  @Test
  void each_job_goes_to_one_of_the_pools_hosts_and_to_no_other() {
    var task = work.taskIn(work.pool(one, two), Map.of());
    var jobs = List.of(work.post(task), work.post(task), work.post(task));

    assertThat(stranger.claim(TestAgent.newClaimId(), 4)).isEmpty();
    assertThat(stranger.claim(TestAgent.newClaimId(), 4, jobs.getFirst())).isEmpty();
    var granted = new ArrayList<WorkOrder>(one.claim(TestAgent.newClaimId(), 2));
    granted.addAll(two.claim(TestAgent.newClaimId(), 2));

    assertThat(granted).extracting(WorkOrder::job).containsExactlyElementsOf(jobs);
    assertThat(work.job(jobs.getLast()).at("/host_id").asString()).isEqualTo(two.host());
  }

  @Test
  void work_for_the_host_and_for_its_pools_is_taken_by_priority() {
    var own = work.post(work.taskOn(one, Map.of()));
    var pooled = work.post(work.taskIn(work.pool(one), Map.of("priority", 5)));

    assertThat(one.claim(TestAgent.newClaimId(), 2))
        .extracting(WorkOrder::job)
        .containsExactly(pooled, own);
  }

  @Test
  void what_waits_for_the_pool_is_told_by_sync_and_where_the_pool_is_announced() {
    var pool = work.pool(one);
    var job = work.post(work.taskIn(pool, Map.of()));

    var answer = one.say("sync", new Sync(one.epoch(), false));
    var told = MessageJson.mapper().treeToValue(answer.body(), Sync.Answer.class);

    assertThat(told.waiting()).containsExactly(job);
    assertThat(told.pools()).hasSize(1);
    assertThat(told.pools().getFirst().topic()).isEqualTo("capataz.pool." + pool);
    assertThat(one.open(List.of()).pools()).isEqualTo(told.pools());
  }

  @Test
  void a_host_that_leaves_gets_no_more_and_keeps_what_it_has() {
    var pool = work.pool(one, two);
    var task = work.taskIn(pool, Map.of());
    work.post(task);
    work.post(task);
    var kept = one.claimOne();

    supervisor.put("/acme/pool/" + pool, Map.of("hosts", List.of(two.host())));

    assertThat(one.claim(TestAgent.newClaimId(), 1)).isEmpty();
    assertThat(one.end(kept, new Outcome.Succeeded()).status()).isEqualTo(204);
    assertThat(two.claim(TestAgent.newClaimId(), 1)).hasSize(1);
  }

  @Test
  void a_job_says_why_its_pool_does_not_take_it() {
    var empty = work.post(work.taskIn(work.pool(), Map.of()));
    assertThat(work.why(empty)).isEqualTo("pool_empty");

    var task = work.taskIn(work.pool(one), Map.of());
    work.post(task);
    var next = work.post(task);
    assertThat(work.why(next)).isEqualTo("in_line");
    for (var i = 0; i < 3; i++) {
      work.post(task);
    }
    one.claim(TestAgent.newClaimId(), 4);
    var last = work.post(task);
    assertThat(work.why(last)).isEqualTo("pool_busy");
    var why = work.job(last).at("/why");
    assertThat(why.at("/most").asInt()).isEqualTo(4);
    assertThat(why.at("/taken").asInt()).isEqualTo(4);
    assertThat(why.at("/ahead").asInt()).isEqualTo(1);
  }

  @Test
  void pools_are_made_shown_and_changed_and_nonsense_is_refused() {
    var made = supervisor.post("/acme/pool", Map.of("name", "build", "hosts", List.of(one.host())));
    var id = made.text("/id");
    assertThat(supervisor.get("/acme/pool/" + id).body()).isEqualTo(made.body());
    assertThat(supervisor.get("/acme/pool").body()).contains(made.body());

    assertThat(supervisor.post("/acme/pool", Map.of("name", "build")).text("/code"))
        .isEqualTo("name_taken");
    assertThat(supervisor.post("/acme/pool", Map.of("name", "-x")).status()).isEqualTo(400);
    assertThat(
            supervisor
                .post("/acme/pool", Map.of("name", "y", "hosts", List.of("nobody")))
                .text("/errors/0/pointer"))
        .isEqualTo("/hosts/0");
    assertThat(supervisor.put("/acme/pool/" + id, Map.of()).status()).isEqualTo(400);
    assertThat(supervisor.get("/acme/pool/nothing").status()).isEqualTo(404);
    assertThat(
            supervisor
                .post(
                    "/acme/task",
                    Map.of(
                        "name", "x",
                        "pool", "nothing",
                        "script", Map.of("filename", "x.sh", "content", "exit")))
                .text("/errors/0/pointer"))
        .isEqualTo("/pool");
  }
}
