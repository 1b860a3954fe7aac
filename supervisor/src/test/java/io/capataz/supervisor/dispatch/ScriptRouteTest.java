package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A script that is longer than its agent wants it in an order is fetched by a route of its own. */
class ScriptRouteTest {

  private static final int INLINE = 1_000;
  private static final String LONG = "#!/bin/sh\n" + "echo hi\n".repeat(1_000);

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  private void run(String script) {
    var task =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name",
                "any",
                "host_id",
                agent.host(),
                "script",
                Map.of("filename", "run.sh", "content", script)));
    assertThat(task.status()).describedAs(task.raw().body()).isEqualTo(200);
    var job = supervisor.post("/acme/task/" + task.text("/id") + "/job", Map.of());
    assertThat(job.status()).describedAs(job.raw().body()).isEqualTo(200);
  }

  private WorkOrder longOrder() {
    run(LONG);
    return agent.claimOneWithout(INLINE);
  }

  private Answer fetch(TestAgent by, WorkOrder order, String query) {
    return supervisor.getAs(
        by.credential(),
        "/agent/v1/jobs/" + order.job() + "/attempts/" + order.attempt() + "/script" + query);
  }

  private Answer fetch(TestAgent by, WorkOrder order) {
    return fetch(by, order, "?claim=" + order.claim());
  }

  @Test
  void a_long_script_is_named_by_its_digest_and_given_out_byte_for_byte() {
    var order = longOrder();

    assertThat(order.script().content()).isNull();
    assertThat(order.script().digest()).isEqualTo(Bytes.utf8(LONG).sha256());
    var script = fetch(agent, order);
    assertThat(script.status()).isEqualTo(200);
    assertThat(script.raw().headers().firstValue("Content-Type"))
        .contains("application/octet-stream");
    assertThat(script.raw().body()).isEqualTo(LONG);
  }

  @Test
  void a_short_one_comes_with_its_order_and_so_does_any_to_an_agent_that_does_not_ask() {
    run("exit 0");
    assertThat(TestAgent.script(agent.claimOneWithout(INLINE)).asUtf8()).isEqualTo("exit 0");

    run(LONG);
    assertThat(TestAgent.script(agent.claimOne()).asUtf8()).isEqualTo(LONG);
  }

  @Test
  void it_is_given_to_the_agent_that_holds_the_attempt_and_to_nobody_else() {
    var order = longOrder();

    assertThat(fetch(TestAgent.enrolled(supervisor), order).status()).isEqualTo(409);
    assertThat(fetch(agent, order, "?claim=of-another").text("/code")).isEqualTo("not_yours");
    assertThat(fetch(agent, order, "").status()).isEqualTo(400);
    assertThat(fetch(agent, order).status()).isEqualTo(200);

    agent.started(order);
    assertThat(fetch(agent, order).status()).isEqualTo(200);
    agent.end(order, new Outcome.Succeeded());
    assertThat(fetch(agent, order).status()).isEqualTo(409);
  }

  @Test
  void an_attempt_that_was_given_back_gives_nothing_out() {
    var order = longOrder();
    agent.giveBack(order);

    assertThat(fetch(agent, order).status()).isEqualTo(409);
    assertThat(fetch(agent, agent.claimOneWithout(INLINE)).status()).isEqualTo(200);
  }
}
