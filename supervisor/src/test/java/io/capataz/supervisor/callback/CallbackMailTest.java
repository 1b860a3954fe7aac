package io.capataz.supervisor.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Callbacks by e-mail, through a real server. */
class CallbackMailTest {

  private static final GreenMail mail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

  static {
    mail.start();
  }

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.mail.host=127.0.0.1",
          "--capataz.mail.port=" + mail.getSmtp().getPort(),
          "--capataz.mail.security=NONE",
          "--capataz.mail.from=hello@example.org",
          "--capataz.rate-limit.enabled=false");
  private static final TestWork work = new TestWork(supervisor);
  private static final TestAgent agent = TestAgent.enrolled(supervisor);

  @AfterAll
  static void stop() {
    supervisor.close();
    mail.stop();
  }

  private static JsonNode canceled(String target) {
    var task = work.taskOn(agent, Map.of("callback_url", target));
    var job = work.post(task);
    supervisor.put("/acme/job/" + job + "/cancel");
    return await()
        .until(
            () -> supervisor.get("/acme/job/" + job + "/callbacks").body().at("/0"),
            it -> it.at("/tries").size() > 0);
  }

  @Test
  void a_member_and_an_allowed_address_get_the_payload() throws Exception {
    var ann = TestPerson.loggedIn(supervisor, Role.USER);
    var allowed =
        supervisor.put(
            "/acme/callback/settings", Map.of("addresses", List.of("Robot@Example.net")));
    assertThat(allowed.text("/addresses/0")).isEqualTo("robot@example.net");
    for (var address : List.of(ann.email(), "robot@example.net")) {
      var delivery = canceled(address);

      assertThat(delivery.at("/state").asString()).isEqualTo("succeeded");
      var messages = mail.getReceivedMessagesForDomain(address);
      assertThat(messages).hasSize(1);
      assertThat(messages[0].getFrom()[0]).hasToString("hello@example.org");
      assertThat(messages[0].getMessageID())
          .isEqualTo("<" + delivery.at("/id").asString() + "@capataz>");
      var body = MessageJson.mapper().readTree(messages[0].getInputStream());
      assertThat(body.at("/status").asString()).isEqualTo("canceled");
      assertThat(body.at("/task_id")).isEqualTo(delivery.at("/job_id"));
    }
  }

  @Test
  void nobody_else_gets_one() {
    var delivery = canceled("stranger@example.com");

    assertThat(delivery.at("/state").asString()).isEqualTo("failed");
    assertThat(delivery.at("/tries/0/failure").asString()).contains("address of a member");
    assertThat(mail.getReceivedMessagesForDomain("example.com")).isEmpty();
  }
}
