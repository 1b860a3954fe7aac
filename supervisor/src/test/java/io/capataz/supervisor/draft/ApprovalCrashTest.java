package io.capataz.supervisor.draft;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.KilledStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A supervisor dies while it makes an API task of an approved draft. Approving once more, at any
 * other supervisor, completes it: nothing is lost, and nothing is there twice.
 */
class ApprovalCrashTest {

  private static final int MOST_WRITES = 12;
  private static final Caller.Person ADMIN =
      new Caller.Person("acme", "1", "ann@example.org", "Ann", Role.ADMIN, List.of(), null);

  private @TempDir Path folder;

  @Test
  void an_approval_that_was_interrupted_is_completed_by_the_next_one() {
    try (var store =
            EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
        var one =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), null);
        var two =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), one)) {
      var host = TestAgent.enrolled(one).host();
      var interrupted = 0;
      for (var writes = 0; writes <= MOST_WRITES; writes++) {
        var id = TestDrafts.tried(one, "acme");

        KilledStore.dyingAfter(writes, () -> approve(two, id, host));
        if (apiTask(one, id).isEmpty()) {
          interrupted++;
          approve(one, id, host);
        }

        assertMadeOnce(one, id);
        assertMadeOnce(two, id);
      }
      assertThat(interrupted).as("deaths before the end").isBetween(4, MOST_WRITES);
    }
  }

  private static void assertMadeOnce(TestSupervisor supervisor, String id) {
    var made = draft(supervisor, id);
    assertThat(made.state()).isEqualTo(DraftState.APPROVED);
    var name = "task_" + id.replace("-", "").substring(0, 16);
    var found = supervisor.get("/library?library=drafts&name=" + name);
    assertThat(found.body().size()).as(found.raw().body()).isOne();
    assertThat(found.text("/0/id")).isEqualTo(apiTask(supervisor, id));
    assertThat(found.body().at("/0/versions").findValuesAsString("version")).containsExactly("0.1");
    assertThat(found.text("/0/level")).isEqualTo("O");
    assertThat(supervisor.get("/task/" + found.text("/0/task_id")).status()).isEqualTo(200);
    assertThat(supervisor.get("/task?name=" + name).body().size()).isOne();
  }

  private static Draft draft(TestSupervisor supervisor, String id) {
    return supervisor.context().getBean(Drafts.class).find("acme", id).orElseThrow();
  }

  private static String apiTask(TestSupervisor supervisor, String id) {
    return supervisor.get("/draft/" + id).text("/approval/api_task");
  }

  private static void approve(TestSupervisor supervisor, String id, String host) {
    var draft = draft(supervisor, id);
    var place = MessageJson.mapper().createObjectNode().put("host_id", host);
    var _ =
        supervisor
            .context()
            .getBean(Approvals.class)
            .approve(ADMIN, draft, draft.current().digest(), place);
  }
}
