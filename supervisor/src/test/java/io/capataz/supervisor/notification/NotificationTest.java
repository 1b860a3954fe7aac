package io.capataz.supervisor.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Notifications: e-mail through a real server, inboxes, and who gets them. */
class NotificationTest {

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
          "--capataz.mail.from=capataz@example.org",
          "--capataz.rate-limit.enabled=false");
  private static final TestWork work = new TestWork(supervisor);

  private final TestPerson ann = TestPerson.loggedIn(supervisor, Role.USER, "team:ops");
  private final TestPerson bob = TestPerson.loggedIn(supervisor, Role.VIEWER);

  @AfterAll
  static void stop() {
    supervisor.close();
    mail.stop();
  }

  @Test
  void an_email_arrives_with_the_arguments_in_place() throws MessagingException, IOException {
    var task =
        task(
            Map.of(
                "subject",
                "Lanzamiento {{what}} ✓",
                "body",
                "Hecho: {{what}}\nver docs",
                "recipients",
                List.of(ann.email()),
                "notificationTypes",
                Map.of("email", true),
                "task_arguments",
                List.of(Map.of("type", "input", "label", "what"))));

    var job = ended(task, Map.of("task_arguments", List.of("1.2 ñ")));

    assertThat(job.at("/status").asString()).describedAs(job.toString()).isEqualTo("succeeded");
    assertThat(job.at("/_type").asString()).isEqualTo("NotificationJob");
    assertThat(job.at("/output/2").asString()).isEqualTo("[\"" + ann.email() + "\"]");
    var arrived = Arrays.stream(mail.getReceivedMessagesForDomain(ann.email())).toList();
    assertThat(arrived).hasSize(1);
    var message = arrived.getFirst();
    assertThat(message.getSubject()).isEqualTo("Lanzamiento 1.2 ñ ✓");
    assertThat(message.getContent().toString().strip().lines())
        .containsExactly("Hecho: 1.2 ñ", "ver docs");
    assertThat(message.getFrom()[0]).hasToString("capataz@example.org");
    assertThat(message.getMessageID())
        .isEqualTo("<" + job.at("/id").asString() + "." + ann.id() + "@capataz>");
    assertThat(inbox(ann).at("/notifications").size()).isZero();
  }

  @Test
  void whoever_is_named_by_a_tag_finds_it_in_the_inbox_and_nobody_else_does() {
    var task =
        task(
            Map.of(
                "subject",
                "Done",
                "body",
                "All of it.",
                "recipients",
                List.of("team:ops", "nobody@example.org"),
                "notificationTypes",
                Map.of("desktop", true)));
    var job = ended(task, Map.of());
    assertThat(job.at("/status").asString()).isEqualTo("succeeded");

    var entry = inbox(ann).at("/notifications/0");
    assertThat(entry.at("/subject").asString()).isEqualTo("Done");
    assertThat(entry.at("/job_id").asString()).isEqualTo(job.at("/id").asString());
    assertThat(inbox(bob).at("/notifications").size()).isZero();

    var ids = Map.of("ids", List.of(entry.at("/id").asString()));
    assertThat(bob.send("PUT", "/inbox/read", ids).body().at("/read").asInt()).isZero();
    assertThat(ann.get("/acme/inbox?unread=true").body().at("/notifications").size()).isOne();
    assertThat(ann.send("PUT", "/inbox/read", ids).body().at("/read").asInt()).isOne();
    assertThat(ann.get("/acme/inbox?unread=true").body().at("/notifications").size()).isZero();
    assertThat(inbox(ann).at("/notifications/0/read").asString()).isNotEmpty();
  }

  @Test
  void seed_004s_arguments_say_what_is_sent_and_to_whom() {
    var task =
        task(
            Map.of(
                "subject",
                "usual",
                "body",
                "usual",
                "recipients",
                List.of(bob.email()),
                "notificationTypes",
                Map.of("desktop", true),
                "task_arguments",
                List.of(
                    Map.of("type", "input", "label", "Subject"),
                    Map.of("type", "input", "label", "Body", "required", false),
                    Map.of("type", "input", "label", "Recipients"))));

    ended(task, Map.of("task_arguments", List.of("s", "", "[\"" + ann.email() + "\"]")));

    assertThat(inbox(ann).at("/notifications/0/subject").asString()).isEqualTo("s");
    assertThat(inbox(ann).at("/notifications/0/body").asString()).isEqualTo("usual");
    assertThat(inbox(bob).at("/notifications").size()).isZero();
  }

  @Test
  void nobody_of_another_organization_is_notified() {
    var job =
        ended(
            task(
                Map.of(
                    "subject",
                    "x",
                    "recipients",
                    List.of("stranger@example.net"),
                    "max_attempts",
                    1)),
            Map.of());

    assertThat(job.at("/outcome/type").asString()).isEqualTo("failed");
    assertThat(job.at("/outcome/reason").asString())
        .isEqualTo("None of its recipients is a member of the organization: stranger@example.net.");
    assertThat(mail.getReceivedMessagesForDomain("example.net")).isEmpty();
  }

  @Test
  void an_approval_and_an_input_stand_in_the_inbox_of_those_who_may_decide() {
    var approval =
        made(Map.of("type", "approval", "approvers", List.of("team:ops"), "approvals_required", 2));
    var input = made(Map.of("type", "input", "user_inputs_members", List.of(ann.email())));
    var first = work.post(approval);
    var second = work.post(input);

    assertThat(inbox(ann).at("/approvals/0/id").asString()).isEqualTo(first);
    assertThat(inbox(ann).at("/inputs/0/id").asString()).isEqualTo(second);
    assertThat(inbox(bob).at("/approvals").size()).isZero();
    assertThat(inbox(bob).at("/inputs").size()).isZero();

    assertThat(ann.send("PUT", "/job/" + first + "/approve").status()).isEqualTo(204);

    assertThat(inbox(ann).at("/approvals").size()).describedAs("decided").isZero();
    assertThat(work.status(first)).isEqualTo("held");
  }

  @Test
  void the_notifications_of_a_job_go_with_it() {
    var task =
        task(
            Map.of(
                "subject",
                "x",
                "recipients",
                List.of(ann.email()),
                "notificationTypes",
                Map.of("desktop", true)));
    ended(task, Map.of());
    assertThat(inbox(ann).at("/notifications").size()).isOne();

    supervisor.ask("DELETE", "/acme/task/" + task + "/job?lifecycle=finished", null);

    assertThat(inbox(ann).at("/notifications").size()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'subject': 'x'} | /recipients | required",
        "{'recipients': ['user']} | /subject | required",
        "{'subject': '{{y}}', 'recipients': ['user']} | /subject | not_found",
        "{'subject': 'x', 'recipients': ['user'], 'notificationTypes': {}}"
            + " | /notificationTypes | empty",
        "{'subject': 'x', 'webhook_url': 'ftp://x/'} | /webhook_url | wrong_form",
        "{'subject': 'x', 'recipients': ['user'], 'timeout': 301} | /timeout | out_of_range",
      })
  void a_notification_that_cannot_be_is_refused(String body, String pointer, String code) {
    var task =
        MessageJson.mapper()
            .readTree(
                "{'name': 'x', 'type': 'notification', "
                    .concat(body.substring(1))
                    .replace('\'', '"'));

    var answer = supervisor.post("/acme/task", task);

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
    assertThat(answer.text("/errors/0/code")).isEqualTo(code);
  }

  private static JsonNode inbox(TestPerson person) {
    var inbox = person.get("/acme/inbox");
    assertThat(inbox.status()).describedAs(inbox.raw().body()).isEqualTo(200);
    return inbox.body();
  }

  private static String task(Map<String, ?> more) {
    var body = new HashMap<String, Object>(Map.of("type", "notification"));
    body.putAll(more);
    return made(body);
  }

  private static String made(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.put("name", "any");
    var made = supervisor.post("/acme/task", body);
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    return made.text("/id");
  }

  private static JsonNode ended(String task, Map<String, ?> run) {
    var job = work.post(task, run);
    await().until(() -> List.of("succeeded", "failed").contains(work.status(job)));
    return work.job(job);
  }
}
