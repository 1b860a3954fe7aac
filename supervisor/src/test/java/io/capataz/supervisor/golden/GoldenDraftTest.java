package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.testing.FakeModel;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Drafts as they go over the wire; see {@link GoldenWireTest}. */
class GoldenDraftTest {

  private static final FakeModel MODEL = FakeModel.start();
  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.rate-limit.enabled=false",
          "--capataz.drafts.endpoint=" + MODEL.endpoint(),
          "--capataz.drafts.model=fake-1");

  private final Story story = new Story("language", supervisor);

  @AfterAll
  static void stop() {
    supervisor.close();
    MODEL.close();
  }

  private static void says(int factor) {
    MODEL.says(
        FakeModel.proposal(
            "Multiply",
            List.of("n int"),
            List.of(),
            "def main_function(n):\n    return [{'n': n * %d}]\n".formatted(factor),
            """
            from function import main_function


            def test_it():
                assert main_function(0) == [{'n': 0}]
            """));
  }

  @Test
  void language() {
    var agent = Agent.open(story, "web-1", 1);
    says(2);
    var wish =
        json(
            "{'desired_action': 'multiply by two', 'task_type': 'input', 'grants': [], 'acls':"
                + " ['user']}");
    var id = story.tellOf("a draft", "POST", "/api/task/create", wish).text("/task_id");
    var path = "/draft/" + id;
    story.tellOf("what is missing", "POST", "/api/task/create", "{}");
    story.tell("the button of seed 003's page", "GET", "/api/get_data");
    story.tell("the list", "GET", "/draft");
    story.tell("its files", "GET", path + "/files");
    story.tellOf("not approved", "POST", "/api/task/" + id + "/run", "{}");

    var place = json("{'host_id': '%s'}", agent.host());
    story.tellOf("a check", "POST", path + "/check", place);
    var wrong =
        json(
            ", 'findings': [{'file': 'function.py', 'line': 1, 'rule': 'import', 'detail': 'no'}]");
    ended(agent, path, "check", "false" + wrong);
    story.tell("a check that has found something", "GET", path);
    story.quietly("POST", path + "/check", place);
    ended(agent, path, "check", "true");
    story.tellOf("a trial", "POST", path + "/trial", place);
    ended(agent, path, "trial", "true" + json(", 'containment': {'network': 'no sockets'}"));
    var tried = story.tell("a trial that has passed", "GET", path);

    var approval = json("{'digest': '%s', 'host_id': '%s'}", tried.text("/digest"), agent.host());
    story.tellOf("approved by a program", "POST", path + "/approve", approval);
    var email = "ann@example.org";
    var person = story.person(email);
    var member = story.quietly("GET", "~/member?email=" + email, null).at("/0/id").asString();
    story.quietly("PATCH", "~/member/" + member, json("{'role': 'admin'}"));
    story.tellAs(person, "approved by a person", "POST", path + "/approve", approval);
    var called =
        story.tellOf(
            "called, and not waited for",
            "POST",
            "/api/task/" + id + "/run",
            json("{'arguments': {'n': 3}, 'isDeploy': true}"));
    assertThat(called.status()).isEqualTo(200);

    says(3);
    story.tellOf("improved", "POST", path + "/improve", json("{'sentence': 'by three'}"));
    story.tell("the difference", "GET", path + "/diff?from=1&to=2");
    story.tellOf("rejected", "POST", path + "/reject", json("{'reason': 'two is enough'}"));
    story.tell("what is used", "GET", "/draft/rules");
    story.tellOf("the rules", "PUT", "/draft/rules", json("{'second_person': true}"));
    assertThat(story.ask(story.owner(), "GET", path + "/zip", null).status()).isEqualTo(200);
    story.tell("removed", "DELETE", path);
    story.end();
  }

  private void ended(Agent agent, String path, String step, String passed) {
    var digest = story.quietly("GET", path, null).at("/digest").asString();
    var order = agent.starts();
    agent.ends(
        order,
        "{'type': 'succeeded'}",
        json(
            ", 'result': {'state': 'success', 'data': {'step': '%s', 'digest': '%s', 'passed':"
                + " %s}}",
            step, digest, passed));
    await().until(() -> !story.quietly("GET", path, null).has("running"));
  }
}
