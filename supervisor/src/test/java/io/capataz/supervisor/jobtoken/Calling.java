package io.capataz.supervisor.jobtoken;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;

/** A library whose functions call each other, and the host that runs them. */
final class Calling {

  final TestSupervisor supervisor;
  final TestAgent agent;
  final String library = "Lib_" + UUID.randomUUID().toString().replace("-", "");

  Calling(TestSupervisor supervisor) {
    this.supervisor = supervisor;
    this.agent = TestAgent.enrolled(supervisor);
    agent.open(List.of());
  }

  /** Registers a function without parameters that calls others, and promotes it; its id. */
  String function(String name, String... calls) {
    var answer = registered(name, calls);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    var id = answer.text("/id");
    supervisor.put("/library/" + id + "/promote", Map.of("level", "O"));
    return id;
  }

  Answer registered(String name, String... calls) {
    return supervisor.post(
        "/library",
        Map.of(
            "libraryName",
            library,
            "name",
            name,
            "source",
            "print(1)\n",
            "host_id",
            agent.host(),
            "calls",
            List.of(calls),
            "endpoints",
            List.of(Map.of("name", "run", "parameters", List.of()))));
  }

  String named(String name) {
    return library + "." + name;
  }

  String taskOf(String api) {
    return supervisor.get("/library/" + api).text("/task_id");
  }

  /** A run of it that has begun. */
  WorkOrder running(String api) {
    var started = supervisor.post("/acme/task/" + taskOf(api) + "/job", Map.of());
    assertThat(started.status()).as(started.raw().body()).isEqualTo(200);
    return begun(started.text("/id"));
  }

  /** A job that waits has begun; one of these, or any. */
  WorkOrder begun(String... jobs) {
    var order =
        Awaitility.await()
            .until(() -> agent.claim(TestAgent.newClaimId(), 1, jobs), orders -> !orders.isEmpty())
            .getFirst();
    agent.started(order);
    return order;
  }

  static String tokenOf(WorkOrder order) {
    return String.valueOf(order.environment().get(WorkOrder.JOB_TOKEN));
  }

  /** Starts a function with the token of a run, and does not wait. */
  Answer called(String token, String api) {
    return supervisor.postAs(
        token, "/library/" + api + "/run", new HashMap<>(Map.of("isDeploy", true)));
  }
}
