package io.capataz.supervisor.draft;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.testing.FakeModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Two supervisors and everybody at once on one draft: what comes to be a task is what an entitled
 * person has approved, by its digest.
 */
class DraftRaceTest {

  private static final int ROUNDS = 12;
  private static final Pattern DIGEST = Pattern.compile("approved draft \\S+, (sha256:[0-9a-f]+)");

  private static final FakeModel MODEL = FakeModel.start();
  private static final TestClock CLOCK = new TestClock();
  private static final String[] SETTINGS = {
    "--capataz.rate-limit.enabled=false",
    "--capataz.drafts.endpoint=" + MODEL.endpoint(),
    "--capataz.drafts.model=fake-1",
    "--capataz.drafts.calls-per-hour=10000"
  };
  private static final TestSupervisor ONE = TestSupervisor.withClock(CLOCK, SETTINGS);
  private static final TestSupervisor TWO = ONE.another(CLOCK, SETTINGS);

  private final Set<String> approvals = ConcurrentHashMap.newKeySet();

  @AfterAll
  static void stop() {
    TWO.close();
    ONE.close();
    MODEL.close();
  }

  @Test
  void nothing_becomes_a_task_but_what_somebody_entitled_has_approved() throws Exception {
    var seed = new Random().nextLong();
    var random = new Random(seed);
    var agent = TestAgent.enrolled(ONE);
    var admin = TestPerson.loggedIn(ONE, Role.ADMIN);
    var manager = TestPerson.loggedIn(ONE, Role.MANAGER);
    for (var round = 0; round < ROUNDS; round++) {
      approvals.clear();
      var id = TestDrafts.tried(ONE, "acme");
      var acts = new ArrayList<Callable<Answer>>();
      for (var supervisor : List.of(ONE, TWO)) {
        acts.add(() -> approved(supervisor, admin.session(), id, agent));
        acts.add(() -> approve(supervisor, manager.session(), id, agent));
        acts.add(() -> approve(supervisor, ONE.token(), id, agent));
        acts.add(() -> improve(supervisor, admin.session(), id));
        acts.add(() -> send(supervisor, admin.session(), id, "reject", Map.of("reason", "no")));
        acts.add(
            () -> send(supervisor, admin.session(), id, "check", Map.of("host_id", agent.host())));
      }
      Collections.shuffle(acts, random);
      try (var all = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var answer : all.invokeAll(acts)) {
          assertThat(answer.get().status())
              .as(seed + " " + answer.get().raw().body())
              .isIn(200, 403, 404, 409);
        }
      }
      assertThat(approvals).as("seed " + seed).containsAll(registered(id));
      var draft = ONE.get("/draft/" + id);
      if (draft.text("/state").equals("approved")) {
        assertThat(draft.text("/approval/digest")).isEqualTo(draft.text("/digest"));
        assertThat(registered(id)).contains(draft.text("/digest"));
      }
      assertThat(ONE.get("/draft/" + id).body()).isEqualTo(TWO.get("/draft/" + id).body());
    }
  }

  private static Answer send(
      TestSupervisor to, String bearer, String id, String act, Map<String, ?> body) {
    return to.sendAs(bearer, "POST", "/draft/" + id + "/" + act, body);
  }

  private static Answer approve(TestSupervisor to, String bearer, String id, TestAgent agent) {
    var digest = ONE.get("/draft/" + id).text("/digest");
    var refused =
        send(to, bearer, id, "approve", Map.of("digest", digest, "host_id", agent.host()));
    assertThat(refused.status()).isIn(403, 404);
    return refused;
  }

  /** By somebody who is entitled to; the digest counts from now on. */
  private Answer approved(TestSupervisor to, String bearer, String id, TestAgent agent) {
    var digest = ONE.get("/draft/" + id).text("/digest");
    approvals.add(digest);
    return send(to, bearer, id, "approve", Map.of("digest", digest, "host_id", agent.host()));
  }

  private static Answer improve(TestSupervisor to, String bearer, String id) {
    MODEL.says(
        FakeModel.proposal(
            "Double",
            List.of("n int"),
            List.of(),
            TestDrafts.FUNCTION + "\n\nMARK = " + System.nanoTime() + "\n",
            TestDrafts.TESTS));
    return send(to, bearer, id, "improve", Map.of("sentence", "mark it"));
  }

  /** The digests of all that runs. */
  private static Set<String> registered(String id) {
    var name = "task_" + id.replace("-", "").substring(0, 16);
    var digests = new HashSet<String>();
    for (var task : ONE.get("/library?name=" + name).body()) {
      for (var version : task.path("versions")) {
        var source =
            ONE.get(
                    "/library/%s/version/%s/source"
                        .formatted(task.path("id").asString(), version.path("version").asString()))
                .text("/source");
        var digest = DIGEST.matcher(source);
        assertThat(digest.find()).as(source).isTrue();
        digests.add(digest.group(1));
      }
    }
    return digests;
  }
}
