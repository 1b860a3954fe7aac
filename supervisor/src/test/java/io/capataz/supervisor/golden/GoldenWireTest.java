package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.springframework.scheduling.config.ScheduledTaskHolder;
import tools.jackson.databind.JsonNode;

/**
 * What clients and agents are answered, compared with {@code src/test/resources/golden}: names and
 * their order, what is null and what is missing, the form of numbers. {@code ./mvnw -pl supervisor
 * -am test -Dtest='Golden*Test' -Ddocs.write=true -Dsurefire.failIfNoSpecifiedTests=false} writes
 * the files. Each story has an organization of its own, so that its lists hold nothing else.
 */
class GoldenWireTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor =
      TestSupervisor.withClock(
          clock,
          "--capataz.rate-limit.token-burst=100000",
          "--capataz.rate-limit.address-burst=100000",
          "--capataz.rate-limit.account-burst=1",
          "--capataz.rate-limit.account-per-minute=1");

  private static final String SUCCEEDED = "{'type': 'succeeded'}";

  /** The twelve types of parameters, each with what is its own. */
  private static final String EVERY_TYPE =
      """
      [
        {'type': 'fixed', 'label': 'fixed', 'order': 0, 'value': 'v', 'help': 'help'},
        {'type': 'input', 'label': 'input', 'order': 1, 'default': 'd', 'charsmin': 1,
         'charsmax': 5, 'charset': 'alpha', 'pattern': '[a-z]+', 'readonly': true},
        {'type': 'textarea', 'label': 'textarea', 'order': 2, 'required': false},
        {'type': 'select', 'label': 'select', 'order': 3, 'multiple': true,
         'options': ['a', {'id': 'b', 'label': 'Bee', 'order': 7}], 'default': ['a']},
        {'type': 'date', 'label': 'date', 'order': 4, 'min': '2999-01-01', 'max': '2999-12-31'},
        {'type': 'file', 'label': 'file', 'order': 5},
        {'type': 'boolean', 'label': 'boolean', 'order': 6, 'default': true},
        {'type': 'number', 'label': 'number', 'order': 7, 'min': 1, 'max': 2.50, 'default': 1.10},
        {'type': 'json', 'label': 'json', 'order': 8, 'default': {'a': [1]}},
        {'type': 'email', 'label': 'email', 'order': 9, 'masked': true,
         'default': 'ann@example.org'},
        {'type': 'regexp', 'label': 'regexp', 'order': 10, 'pattern': '^[0-9]+$'},
        {'type': 'remote-options', 'label': 'remote', 'order': 11,
         'endpoint_url': 'https://example.org/x', 'id_attribute': 'id', 'text_attribute': 'text'}
      ]
      """;

  /** Every property of a task, none of them with its default. */
  private static final String EVERYTHING =
      """
      , 'description': 'keeps a copy', 'tags': ['backup', 'night'], 'run_as': 'deploy',
      'acls': ['user', 'team:ops'], 'triggers': ['0123456789abcdef01234567'], 'grace_time': 30,
      'timeout': 77, 'max_parallel': 3, 'env': {'REGION': 'east', 'TOKEN': 'hush'},
      'masked_env': ['TOKEN'], 'priority': 5, 'concurrency_key': 'who', 'concurrency_limit': 2,
      'max_attempts': 4, 'on_lost': 'retry', 'retry_delay': 9, 'grace': 3,
      'kill_signal': 'SIGINT', 'kill_mode': 'main_first', 'output_limit': 65536,
      'memory_limit': 1048576, 'process_limit': 8, 'interpreter': ['/bin/sh', '-e'],
      'library': 'housekeeping', 'keep_jobs': 20, 'keep_days': 14,
      'task_arguments': [
        {'type': 'input', 'label': 'who', 'order': 0, 'help': 'a name'},
        {'type': 'input', 'label': 'secret', 'order': 1, 'masked': true},
        {'type': 'file', 'label': 'list', 'order': 2},
        {'type': 'fixed', 'label': 'mode', 'order': 3, 'value': 'fast'}
      ]
      """;

  private Story story = new Story("none", supervisor);

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @BeforeEach
  void begin(TestInfo test) {
    story = new Story(test.getTestMethod().orElseThrow().getName().replace('_', '-'), supervisor);
  }

  @AfterEach
  void end() {
    story.end();
  }

  @Test
  void agents() {
    var join = story.quietly("POST", "~/host/join-token", "{}").at("/token").asString();
    var enrolled =
        story.tellAs(
            "", "an agent enrols", "POST", "/agent/v1/enrolment", Agent.enrolment(join, "web-1"));
    var agent = Agent.of(story, enrolled.body(), 4);
    var pool = pool("pool", agent);
    agent.opens(agent.tells("a session is opened", "session", agent.opening("[]")).body());
    var small = task("small", onHost(agent));
    var everything = taskWithEverything(agent);
    run(small, "{}");
    run(everything, "{'task_arguments': ['eu', 'hush', '" + file("a;b") + "']}");
    run(task("pooled", json("'pool': '%s'", pool)), "{}");

    agent.tells("what waits", "sync", json("{'epoch': %d, 'listening': true}", agent.epoch()));
    var orders = agent.tells("three orders", "claims", agent.claim(3)).body().at("/orders");
    assertThat(orders.size()).isEqualTo(3);
    agent.tells("no more", "claims", agent.claim(1));
    var order = orders.get(1);
    story.tellAs(
        agent.credential(),
        "the script's bytes",
        "GET",
        "/agent/v1/" + Agent.route(order) + "/script?claim=" + Agent.claimOf(order),
        null);
    agent.tells("a start", Agent.route(order) + "/started", Agent.started(order));
    agent.tells("output", Agent.route(order) + "/output", Agent.output(order, "stdout", 0, "aGkK"));
    agent.tells("a beat", "heartbeat", agent.beat(running(orders)));
    story.quietly("PUT", "/job/" + order.at("/job").asString() + "/cancel", null);
    var unknown =
        json("{'job': '0123456789abcdef01234567', 'attempt': 1, 'claim': 'x', 'started': true}");
    agent.tells(
        "a beat that is told what to stop and what to forget",
        "heartbeat",
        agent.beat(running(orders) + "," + unknown));
    agent.tells("an end", Agent.route(order) + "/end", Agent.end(order, SUCCEEDED, ""));
    agent.tells(
        "another end", Agent.route(order) + "/end", Agent.end(order, "{'type': 'timed_out'}", ""));
    agent.tells(
        "an end that cannot be",
        Agent.route(orders.get(0)) + "/end",
        Agent.end(orders.get(0), SUCCEEDED, ", 'left_out': -1"));
    agent.tells(
        "given back",
        Agent.route(orders.get(2)) + "/given-back",
        json("{'claim': '%s', 'reason': 'no room'}", Agent.claimOf(orders.get(2))));
    agent.tells("no message", "sync", "{}");
    agent.tells(
        "a session that still runs something",
        "session",
        agent.opening("[" + Agent.running(orders.get(0)) + "," + unknown + "]"));
    agent.tells(
        "an older session", "sync", json("{'epoch': %d, 'listening': true}", agent.epoch()));
    agent.tells(
        "another agent with the same credential",
        "session",
        agent.opening("[]").replace("boot-1", "boot-2"));
    agent.tells(
        "an agent under another name than its host's",
        "session",
        agent.opening("[]").replace("\"labels\"", "\"host\": \"web-9\", \"labels\""));
    agent.tells("an older session ends", "session/end", json("{'epoch': %d}", agent.epoch()));
    agent.tells("the session ends", "session/end", json("{'epoch': %d}", agent.epoch() + 1));
    agent.tells(
        "a protocol that is too old",
        "session",
        agent.opening("[]").replace("\"protocol\": 1", "\"protocol\": 0"));
    story.tellAs(
        "",
        "an unknown join token",
        "POST",
        "/agent/v1/enrolment",
        Agent.enrolment("cpz_jt_nothing", "web-2"));
    story.tell("a member at an agent's route", "POST", "/agent/v1/sync");
    story.tellAs(agent.credential(), "an agent at a member's route", "GET", "~/job", null);
  }

  private static String running(JsonNode orders) {
    return Agent.running(orders.get(0)) + "," + Agent.running(orders.get(1));
  }

  @Test
  void waiting_jobs() {
    var agent = Agent.open(story, "web-1", 1);
    var task = task("task", onHost(agent));

    var held = tellRun("posted held", task, "{'hold': true}");
    tellJob("held", held);
    tellWhy("held", held);
    story.tell("held once more", "PUT", "/job/" + held + "/hold");
    story.tell("released", "PUT", "/job/" + held + "/release");
    story.tell("released once more", "PUT", "/job/" + held + "/release");
    story.tell("held again", "PUT", "~/job/" + held + "/hold");
    story.tellOf("given input", "PUT", "/job/" + held + "/input", json("{'args': []}"));
    await().until(() -> story.quietly("GET", "/job/" + held, null).has("announced"));
    story.showEventual(true);
    tellJob("announced", held);
    story.showEventual(false);
    tellWhy("being claimed", held);

    var next = tellRun("posted", task, "{'priority': -7}");
    tellJob("in line", next);
    story.tell("its lifecycle", "GET", "/job/" + next + "/lifecycle");
    var order = agent.claims();
    tellWhy("not waiting", held);
    tellWhy("host busy", next);
    story.tell("claimed, and not to be held", "PUT", "/job/" + held + "/hold");
    agent.ends(order, SUCCEEDED);

    story.quietly("PUT", "~/host/" + agent.host() + "/disable", null);
    tellWhy("host disabled", next);
    story.quietly("PUT", "~/host/" + agent.host() + "/drain", null);
    tellWhy("host draining", next);
    story.quietly("PUT", "~/host/" + agent.host() + "/enable", null);

    var later =
        tellRun(
            "posted for later",
            task,
            json("{'not_before': '2999-01-01T00:00:00Z', 'start_by': '2999-01-01T12:00:00.5Z'}"));
    tellJob("scheduled", later);
    story.tell("canceled before its start", "PUT", "~/job/" + later + "/cancel");
    story.tell("canceled once more", "PUT", "/job/" + later + "/cancel");
    tellJob("canceled", later);

    var unheard = Agent.enrolled(story, "web-2", 1);
    tellWhy("host never heard of", run(task("unheard", onHost(unheard)), "{}"));
    waitForPools();
    waitForPermits();

    var expiring =
        tellRun(
            "posted with a deadline",
            task,
            json("{'start_by': '%s'}", clock.instant().plusSeconds(30)));
    pass(Duration.ofSeconds(50));
    tellJob("expired", expiring);
    tellWhy("host not heard of", next);
  }

  private void waitForPools() {
    tellWhy("pool empty", run(task("a", json("'pool': '%s'", pool("empty"))), "{}"));
    var agent = Agent.open(story, "pooled-1", 1);
    var unheard = Agent.enrolled(story, "pooled-2", 1);
    var offline = pool("offline", unheard);
    tellWhy("pool offline", run(task("b", json("'pool': '%s'", offline)), "{}"));
    var task = task("c", json("'pool': '%s'", pool("busy", agent)));
    var first = tellRun("posted for a pool", task, "{}");
    tellJob("ready in a pool", first);
    var second = run(task, "{}");
    tellWhy("in line in a pool", second);
    agent.claims();
    tellWhy("pool busy", second);
    tellJob("assigned in a pool", first);
    story.quietly("PUT", "~/host/" + agent.host() + "/disable", null);
    tellWhy("pool disabled", second);
  }

  private void waitForPermits() {
    var agent = Agent.open(story, "web-3", 4);
    var single = task("single", onHost(agent) + ", 'multitasking': false");
    run(single, "{}");
    var second = run(single, "{}");
    var keyed =
        task(
            "keyed",
            onHost(agent)
                + ", 'task_arguments': [{'type': 'input', 'label': 'region'}],"
                + " 'concurrency_key': 'region'");
    run(keyed, "{'task_arguments': ['eu']}");
    var fourth = run(keyed, "{'task_arguments': ['eu']}");
    assertThat(agent.claims(4).size()).isEqualTo(2);
    tellWhy("max parallel", second);
    tellWhy("concurrency key", fourth);
    tellJob("waits for a place", second);
  }

  @Test
  void running_jobs() {
    var agent = Agent.open(story, "web-1", 4);
    var task = taskWithEverything(agent);
    var job =
        tellRun(
            "posted with arguments, secrets and a file",
            task,
            "{'task_arguments': ['eu', 'hush', '"
                + file("a;b")
                + "'], 'priority': 9, 'start_by': '2999-01-01T00:00:00Z'}");
    tellJob("ready", job);
    story.tell("its input", "GET", "/job/" + job + "/input");
    var order = agent.claims();
    tellJob("assigned", job);
    var started = agent.quietly(Agent.route(order) + "/started", Agent.started(order));
    assertThat(started.status()).isEqualTo(204);
    tellJob("running", job);
    story.tell("no result yet", "GET", "/job/" + job + "/result?timeout=0&counter=0&limit=1");
    story.tell("not to be restarted", "PUT", "/job/" + job + "/restart");
    agent.prints(order, "stdout", 0, "aGkK");
    agent.prints(order, "stderr", 0, "b8OxCg==");
    tellOutput(job);
    agent.tells("progress", Agent.route(order) + "/progress", Agent.progress(order, 40, "copying"));
    story.tell("how far it is", "GET", "/job/" + job + "/progress");
    story.tell("asked to stop", "PUT", "~/job/" + job + "/cancel");
    tellJob("asked to stop", job);
    agent.ends(
        order,
        "{'type': 'canceled'}",
        ", 'exit_code': 143, 'ran': 'PT1.25S', 'signals': [{'signal': 'SIGTERM', 'after':"
            + " 'PT1S', 'why': 'cancel'}, {'signal': 'SIGKILL', 'after': 'PT1.2S', 'why':"
            + " 'left_behind'}], 'survivors': [{'pid': 4712, 'command': 'sleep 600'}],"
            + " 'result': {'state': 'failure', 'data': ['a', 1, null, 1.50, {'b': true}]},"
            + " 'left_out': 12, 'containment': 'cgroup-v2', 'limit': 'memory'");
    tellJob("canceled while it ran", job);
    tellResults(job);
    story.tell("restarted", "PUT", "~/job/" + job + "/restart");

    var silent = run(task("silent", onHost(agent)), "{}");
    var forced = run(task("forced", onHost(agent)), "{}");
    agent.claims(4);
    pass(Duration.ofSeconds(50));
    tellJob("silent", silent);
    story.tell("host unreachable", "PUT", "/job/" + forced + "/cancel");
    story.tell("forced", "PUT", "~/job/" + forced + "/cancel?force=true");
    tellJob("forced", forced);
    pass(Duration.ofSeconds(130));
    tellJob("lost", silent);
  }

  @Test
  void ended_jobs() {
    var agent = Agent.open(story, "web-1", 1);
    var task = task("task", onHost(agent));
    for (var outcome :
        List.of(
            SUCCEEDED,
            "{'type': 'exited_with', 'code': 3}",
            "{'type': 'timed_out'}",
            "{'type': 'killed', 'signal': 'SIGSEGV'}",
            "{'type': 'canceled'}",
            "{'type': 'interrupted'}",
            "{'type': 'could_not_start', 'reason': 'No interpreter.'}",
            "{'type': 'refused', 'reason': 'Rule 1 does not allow it.'}",
            "{'type': 'failed', 'reason': 'The status was 500.'}")) {
      var job = run(task, "{}");
      agent.ends(agent.starts(), outcome, ", 'exit_code': 3, 'ran': 'PT2S'");
      tellJob(outcome.replaceAll("[{}':]", ""), job);
    }
    var spoilt = run(task, "{}");
    agent.ends(
        agent.starts(),
        SUCCEEDED,
        ", 'exit_code': 0, 'ran': 'PT2S', 'result_error': {'code': 'not_json', 'detail': 'The"
            + " result file is not JSON.'}");
    tellJob("succeeded with a result that is not JSON", spoilt);
    var given = run(task, "{}");
    for (var i = 0; i < 2; i++) {
      var order = agent.claims();
      agent.quietly(
          Agent.route(order) + "/given-back",
          json("{'claim': '%s', 'reason': 'no room'}", Agent.claimOf(order)));
    }
    tellJob("given back twice", given);
    agent.claims();
    agent.opens();
    tellJob("lost by an agent that knows nothing of it", given);

    var retried =
        run(task("retried", onHost(agent) + ", 'max_attempts': 3, 'retry_delay': 20"), "{}");
    agent.ends(agent.claims(), "{'type': 'could_not_start', 'reason': 'No room.'}");
    tellWhy("retry delay", retried);
    tellJob("between two attempts", retried);
    pass(Duration.ofSeconds(21));
    agent.ends(
        agent.starts(), "{'type': 'exited_with', 'code': 1}", ", 'exit_code': 1, 'ran': 'PT2S'");
    pass(Duration.ofSeconds(41));
    agent.beats();
    var last = agent.starts();
    agent.ends(last, SUCCEEDED, ", 'exit_code': 0, 'ran': 'PT0.001S', 'result': {'data': [1]}");
    tellJob("succeeded at the third attempt", retried);
    story.tell("its answer", "GET", "/job/" + retried + "/result");
    story.tell("no such output", "GET", "/job/" + retried + "/result?parse=9");

    var never = run(task, "{'hold': true}");
    story.quietly("PUT", "/job/" + never + "/cancel", null);
    story.tell("a result of what never ran", "GET", "/job/" + never + "/result");
    tellResults(never);
    story.tell("its queue is emptied", "DELETE", "~/task/" + task + "/job?lifecycle=finished");
  }

  @Test
  void runs() {
    var agent = Agent.open(story, "web-1", 8);
    var made = story.quietly("POST", "~/task", taskBody("task", onHost(agent)));
    var task = made.at("/id").asString();
    var key = made.at("/secret").asString();
    story.tellAs("", "by its key", "POST", "~/task/" + task + "/secret/" + key + "/job", "{}");
    story.tellAs("", "by its key alone", "POST", "/task/" + task + "/secret/" + key + "/job", "{}");
    story.tellAs(
        "",
        "by its key, its address in the body",
        "POST",
        "/job/secret/" + key,
        json("{'customer': '%s', 'task': '%s'}", story.org(), task));
    story.tellAs(
        "",
        "by its key, later",
        "POST",
        "/task/" + task + "/secret/" + key + "/job",
        json("{'not_before': '%s'}", clock.instant().plusSeconds(60)));
    var led =
        story.tellOf("led to the result", "POST", "~/task/" + task + "/job?wait_result=true", "{}");
    story.tellOf("task in the body", "POST", "/job", json("{'task': '%s'}", task));
    story.tellOf("once", "POST", "~/task/" + task + "/job", "{}", "Idempotency-Key", "k1");
    story.tellOf("and again", "POST", "~/task/" + task + "/job", "{}", "Idempotency-Key", "k1");
    story.tellOf(
        "the same key for something else",
        "POST",
        "~/task/" + task + "/job",
        json("{'priority': 1}"),
        "Idempotency-Key",
        "k1");
    story.tellOf("waiting", "POST", "~/task/" + task + "/job", "{}", "Prefer", "wait=0");
    story.tellOf(
        "a batch",
        "POST",
        "~/task/" + task + "/batch",
        json("{'runs': [{}, {'priority': 3, 'hold': true}]}"));
    story.tellOf(
        "a batch with mistakes",
        "POST",
        "~/task/" + task + "/batch",
        json("{'runs': [{'priority': 999}, 7, {'surprise': 1, 'hold': 'perhaps'}], 'more': 1}"));
    story.tell("the list", "GET", "~/job?limit=2");
    story.tell("some fields", "GET", "~/job?limit=2&fields=id,status,task.id");
    story.tell("one field of one", "GET", "/job/" + led.text("/id") + "?fields=status");
    story.tell("running", "GET", "~/job/running?limit=1");
    story.tell("running count", "GET", "/job/running_count");
    story.tell("the queue is emptied", "DELETE", "/task/" + task + "/job");
    resultsByKey("~/task/" + task + "/secret/" + key + "/job?wait_result=true", agent);
    story.quietly("PATCH", "/task/" + task, json("{'enable': false}"));
    story.tellOf("a disabled task", "POST", "~/task/" + task + "/job", "{}");
    var person = story.token(Role.USER);
    var seen = task("seen", onHost(agent) + ", 'acls': ['user']");
    story.tellAs(person, "by a user", "POST", "/task/" + seen + "/job", "{}");
  }

  private void resultsByKey(String path, Agent agent) {
    var led =
        story.tellAs(
            "", "led to the result by its key", "POST", path, "{}", "Idempotency-Key", "k2");
    var result = led.raw().headers().firstValue("Location").orElse("");
    agent.ends(
        agent.starts(),
        SUCCEEDED,
        ", 'exit_code': 0, 'ran': 'PT2S', 'result': {'data': {'sum': 42}}");
    story.tellAs("", "a result by the job's key", "GET", result, null);
    story.tellAs("", "the job by its key", "GET", result + "&full=", null);
    story.tellAs("", "the ended job, posted again", "POST", path, "{}", "Idempotency-Key", "k2");
    story.tellAs("", "and by POST", "POST", result, null);
    story.tell("and as the owner", "POST", "~/job/" + led.text("/id") + "/result?full");
  }

  @Test
  void tasks() {
    var agent = Agent.open(story, "web-1", 4);
    var other = Agent.open(story, "web-2", 4);
    var made = story.tellOf("made", "POST", "~/task", taskBody("small", onHost(agent)));
    var small = made.text("/id");
    story.tell("small", "GET", "/task/" + small);
    var everything = taskWithEverything(agent);
    story.tell("everything", "GET", "~/task/" + everything);
    story.tell("not modified", "GET", "/task/" + everything, "If-None-Match", "\"1\"");
    var types = task("types", onHost(agent) + ", 'task_arguments': " + EVERY_TYPE);
    story.tell("every type of parameter", "GET", "/task/" + types);
    story.tellOf(
        "one for each host",
        "POST",
        "~/task",
        taskBody("many", json("'hosts': ['%s', '%s']", agent.host(), other.host())));

    story.tellOf(
        "patched",
        "PATCH",
        "/task/" + small,
        json("{'description': 'other', 'max_parallel': 2, 'env': {'A': 'b'}}"),
        "If-Match",
        "\"1\"");
    story.tellOf(
        "changed since", "PATCH", "/task/" + small, json("{'name': 'x'}"), "If-Match", "\"1\"");
    story.tellOf(
        "replaced",
        "PUT",
        "/task/" + small,
        taskBody("new", json("'pool': '%s'", pool("pool", agent))));
    story.tell("versions", "GET", "/task/" + small + "/version");
    story.tell("a version", "GET", "/task/" + small + "/version/1");
    story.tell("a difference", "GET", "~/task/" + small + "/version/1/diff?with=3");
    story.tell("restored", "POST", "~/task/" + small + "/version/1/restore");
    story.tell("the list", "GET", "~/task?limit=3&sort=name");
    story.tell("fingerprints", "GET", "~/task/version?limit=2&sort=name");

    story.tell("acl", "GET", "/task/" + small + "/acl");
    story.tellOf("acl set", "PUT", "/task/" + small + "/acl", json("{'users': ['viewer']}"));
    story.tellOf(
        "acl added",
        "PATCH",
        "/task/" + small + "/acl",
        json("{'users': ['team:ops'], 'action': 'add'}"));
    story.tell("acl removed", "DELETE", "/task/" + small + "/acl");

    story.tell("keys", "GET", "/task/" + small + "/credentials");
    var run =
        story.ask(
            "",
            "POST",
            "/job/secret/" + made.text("/secret"),
            json("{'customer': '%s', 'task': '%s'}", story.org(), small));
    assertThat(run.status()).isEqualTo(200);
    var key =
        story.tellOf("another key", "POST", "/task/" + small + "/secret", json("{'overlap': 60}"));
    story.tell("keys, one used", "GET", "~/task/" + small + "/credentials");
    story.tell(
        "a key removed", "DELETE", "/task/" + small + "/secret/" + key.text("/secret_keys/0/id"));
    story.tellOf("wrong", "POST", "~/task", json("{'name': '', 'timeout': -1, 'colour': 'red'}"));
    story.tell("removed", "DELETE", "/task/" + small);
  }

  @Test
  void scripts() {
    var made =
        story.tellOf(
            "made",
            "POST",
            "~/file",
            json(
                "{'filename': 'a.py', 'content': 'print(1)', 'description': 'prints', 'mimetype':"
                    + " 'text/x-python', 'interpreter': ['python3', '-u'], 'tags': ['a'], 'acl':"
                    + " ['user']}"));
    var id = made.text("/id");
    var small =
        story.tellOf("small", "POST", "~/file", json("{'filename': 'b.sh', 'content': 'exit 0'}"));
    story.tell("one", "GET", "~/file/" + id);
    story.tell("as a script", "GET", "~/script/" + id);
    story.tellOf(
        "another version",
        "PUT",
        "~/file/" + id,
        json("{'filename': 'a.py', 'content': 'print(2)'}"),
        "If-Match",
        made.raw().headers().firstValue("ETag").orElse("*"));
    story.tellOf(
        "changed since",
        "PUT",
        "~/file/" + id,
        json("{'filename': 'a.py', 'content': 'print(3)'}"),
        "If-Match",
        "\"77\"");
    story.tellOf("uploaded", "PUT", "~/file/" + id + "/upload", json("{'content': 'print(4)'}"));
    story.tell("versions", "GET", "~/file/" + id + "/version");
    story.tell("a version's bytes", "GET", "~/file/" + id + "/version/1/download");
    story.tell("its bytes", "GET", "~/file/" + id + "/download");
    story.tell("a list", "GET", "~/file?sort=filename");
    story.tell("a list of scripts", "GET", "~/script?limit=1&sort=filename");
    var agent = Agent.open(story, "web-1", 1);
    story.quietly(
        "POST", "~/task", json("{'name': 'user', 'script_id': '%s', " + onHost(agent) + "}", id));
    story.tell("its users", "GET", "~/file/" + id + "/linkedmodels");
    story.tell("users of a script", "GET", "~/script/" + id + "/linkedmodels");
    story.tell("a script's bytes", "GET", "~/script/" + id + "/download");
    story.tell("in use", "DELETE", "~/file/" + id);
    story.tell("removed", "DELETE", "~/file/" + small.text("/id"));
  }

  @Test
  void hosts_and_pools() {
    story.tellOf("a join token", "POST", "~/host/join-token", "{}");
    var unheard = Agent.enrolled(story, "web-1", 1);
    story.tell("never heard of", "GET", "~/host/" + unheard.host());
    var agent = Agent.open(story, "web-2", 2);
    agent.quietly("sync", json("{'epoch': %d, 'listening': true}", agent.epoch()));
    var task = task("task", onHost(agent));
    run(task, "{}");
    agent.starts();
    story.tellOf("labelled", "PATCH", "~/host/" + agent.host(), json("{'labels': {'tier': 'db'}}"));
    story.tell("online", "GET", "~/host/" + agent.host());
    story.tell("disabled", "PUT", "~/host/" + agent.host() + "/disable");
    story.tell("draining", "PUT", "~/host/" + agent.host() + "/drain");
    story.tell("enabled", "PUT", "~/host/" + agent.host() + "/enable");
    story.tell("the list", "GET", "~/host?sort=name");
    story.tellOf(
        "a pool of hosts",
        "POST",
        "~/pool",
        json("{'name': 'named', 'hosts': ['%s']}", agent.host()));
    var pool =
        story.tellOf(
            "a pool of labels",
            "POST",
            "~/pool",
            json("{'name': 'labelled', 'labels': 'tier=db'}"));
    story.tellOf("a name taken", "POST", "~/pool", json("{'name': 'labelled', 'hosts': []}"));
    story.tell("one pool", "GET", "~/pool/" + pool.text("/id"));
    story.tell("the pools", "GET", "~/pool?sort=name");
    story.tellOf("patched", "PATCH", "~/pool/" + pool.text("/id"), json("{'name': 'renamed'}"));
    story.tellOf(
        "replaced", "PUT", "~/pool/" + pool.text("/id"), json("{'name': 'again', 'hosts': []}"));
    story.tell("a pool removed", "DELETE", "~/pool/" + pool.text("/id"));
    story.tell("a host in use", "DELETE", "~/host/" + agent.host());
    story.tell("a host removed", "DELETE", "~/host/" + unheard.host());
  }

  @Test
  void joining() {
    var pool =
        story
            .quietly("POST", "~/pool", json("{'name': 'racks', 'hosts': []}"))
            .at("/id")
            .asString();
    var body = json("{'hosts': 2, 'labels': {'zone': 'a'}, 'pools': ['racks']}");
    var token = story.tellOf("a token for two hosts", "POST", "~/host/join-token", body);
    for (var host : List.of("rack-1", "rack-2")) {
      story.ask("", "POST", "/agent/v1/enrolment", Agent.enrolment(token.text("/token"), host));
    }
    story.tellAs(
        "",
        "a third host",
        "POST",
        "/agent/v1/enrolment",
        Agent.enrolment(token.text("/token"), "rack-3"));
    story.tell("their pool", "GET", "~/pool/" + pool);
    story.tellOf("a name for two", "POST", "~/host/join-token", json("{'hosts': 2, 'host': 'a'}"));
    var bound =
        story.tellOf("a token for one host", "POST", "~/host/join-token", json("{'host': 'a'}"));
    story.tell("revoked", "DELETE", "~/host/join-token/" + bound.text("/id"));
    story.tell("revoked before", "DELETE", "~/host/join-token/" + bound.text("/id"));
    story.tell("the list", "GET", "~/host/join-token");
    for (var path : List.of("/install.sh", "/install/agent", "/install/agent/capataz-agent.jar")) {
      story.tell("no agent is here: " + path, "GET", path);
    }
  }

  @Test
  void people() {
    var member =
        story.tellOf(
            "added",
            "POST",
            "~/member",
            json(
                "{'email': 'ann@example.org', 'name': 'Ann', 'role': 'user', 'tags': ['team:a'],"
                    + " 'password': 'correct horse battery'}"));
    story.tellOf("added plain", "POST", "~/member", json("{'email': 'bob@example.org'}"));
    story.tellOf("added twice", "POST", "~/member", json("{'email': 'bob@example.org'}"));
    var id = member.text("/id");
    story.tell("one", "GET", "~/member/" + id);
    story.tell("the list", "GET", "~/member?sort=email");
    var login =
        json(
            "{'email': 'ann@example.org', 'password': 'correct horse battery', 'customer': '%s'}",
            story.org());
    var session = story.tellAs("", "logged in", "POST", "/login", login).text("/access_token");
    story.tellAs(session, "a session", "GET", "/session", null);
    var token =
        story
            .tellAs(
                session,
                "a personal token",
                "POST",
                "/token",
                json(
                    "{'name': 'laptop', 'role': 'viewer', 'scopes': ['session:read', 'job:read'],"
                        + " 'expires': '2999-01-01T00:00:00Z'}"))
            .text("/token");
    runAs(session);
    story.tellAs(session, "a plain one", "POST", "/token", json("{'name': 'plain'}"));
    story.tellAs(token, "a session of a narrow token", "GET", "/session", null);
    var tokens = story.tellAs(session, "personal tokens", "GET", "/token", null);
    story.tellAs(token, "beyond its scopes", "GET", "~/host", null);
    story.tellAs(session, "one removed", "DELETE", "/token/" + tokens.text("/0/id"), null);
    story.tellAs(
        session,
        "a new password",
        "PUT",
        "/session/password",
        json("{'old_password': 'correct horse battery', 'password': 'another long password'}"));
    var again =
        story
            .ask(
                "",
                "POST",
                "/login",
                login.replace("correct horse battery", "another long password"))
            .text("/access_token");
    story.tellAs(again, "logged out", "POST", "/logout", null);
    story.tellAs(session, "the old session", "GET", "/session", null);
    story.tellOf("patched", "PATCH", "~/member/" + id, json("{'role': 'manager', 'tags': []}"));
    story.tellOf(
        "given a password",
        "PUT",
        "~/member/" + id + "/password",
        json("{'password': 'a third long password'}"));
    story.tellAs("", "a wrong password", "POST", "/login", login);
    story.tellAs("", "too many of them", "POST", "/login", login);
    story.tell("removed", "DELETE", "~/member/" + id);
    story.tell("a session of an integration token", "GET", "/session");
    story.tellAs("", "no provider", "GET", "/login/oidc", null);
    integrationTokens();
  }

  private void runAs(String session) {
    var agent = Agent.open(story, "web-1", 1);
    var task = task("task", onHost(agent) + ", 'acls': ['ann@example.org']");
    story.tellAs(session, "a run by a person", "POST", "/task/" + task + "/job", "{}");
  }

  private void integrationTokens() {
    var made =
        story.tellOf(
            "an integration token",
            "POST",
            "~/integration-token",
            json(
                "{'name': 'ci', 'role': 'user', 'tags': ['team:ci'], 'scopes': ['job:read',"
                    + " 'host:read'], 'expires': '2999-01-01T00:00:00Z'}"));
    story.tellOf(
        "a plain integration token",
        "POST",
        "/api/token",
        json("{'name': 'cd', 'role': 'viewer'}"));
    story.tellAs(made.text("/token"), "its job list", "GET", "~/job", null);
    story.tell("integration tokens", "GET", "~/integration-token?name=ci");
    story.tell("all of them", "GET", "/api/token?sort=name&limit=2");
    story.tell("a token removed", "DELETE", "~/integration-token/" + made.text("/id"));
    story.tellAs(made.text("/token"), "no longer known", "GET", "~/job", null);
  }

  @Test
  void approvals_and_inputs() {
    var ann = story.person("ann@example.org");
    var approval =
        "{'name': 'release', 'type': 'approval', 'approvers': ['viewer'],"
            + " 'approvals_target': 'fixed', 'approvals_required': %s, 'self_approval': true,"
            + " 'deadline': 3600, 'on_lapse': 'rejected', 'success_label': 'Go',"
            + " 'failure_label': 'Stop',"
            + " 'task_arguments': [{'type': 'input', 'label': 'version'}]}";
    var two = told("an approval", json(approval, "2"));
    var one = told("another", json(approval, "\"one\""));
    var run = "{'task_arguments': ['1.2']}";
    var first = tellRun("posted", two, run);
    tellWhy("approval", first);
    story.tell("released", "PUT", "/job/" + first + "/release");
    story.tell("approved by a program", "PUT", "/job/" + first + "/approve");
    var why = json("{'comment': 'looks good'}");
    story.tellAs(ann, "approved", "PUT", "/job/" + first + "/approve", why);
    tellJob("approved once", first);
    story.tellAs(
        story.person("bob@example.org"), "twice", "PUT", "/job/" + first + "/approve", null);
    tellJob("approved", first);
    story.tellAs(ann, "approved too late", "PUT", "/job/" + first + "/approve", null);
    var second = run(one, run);
    story.tellAs(ann, "rejected", "PUT", "~/job/" + second + "/reject", null);
    tellJob("rejected", second);

    var input =
        told(
            "an input",
            json(
                "{'name': 'how many', 'type': 'dummy', 'user_inputs': true, 'deadline': 60,"
                    + " 'user_inputs_members': ['user'],"
                    + " 'task_arguments': [{'type': 'input', 'label': 'n', 'required': true}]}"));
    var asked = tellRun("an input posted", input, "{}");
    tellWhy("input", asked);
    var given = json("{'args': ['7']}");
    story.tellAs(ann, "an input given", "PUT", "/job/" + asked + "/input", given);
    story.tell("no approval", "PUT", "/job/" + asked + "/approve");

    var day = told("a wait", json("{'name': 'a day', 'type': 'wait', 'wait_for': 86400}"));
    tellRun("a wait of a day begins", day, "{}");
    var wait =
        told(
            "a wait for an instant",
            json("{'name': 'new year', 'type': 'wait', 'wait_until': '2999-01-01T00:00:00Z'}"));
    var waiting = tellRun("a wait begins", wait, "{}");
    tellWhy("wait", waiting);
    story.tell("a wait held", "PUT", "/job/" + waiting + "/hold");
  }

  @Test
  void calls_and_notifications() {
    var ann = story.person("ann@example.org");
    var call =
        told(
            "an http task",
            json(
                "{'name': 'deploy', 'type': 'http', 'method': 'POST',"
                    + " 'url': 'http://127.0.0.1:9/{{what}}',"
                    + " 'headers': {'Authorization': 'Bearer hush', 'X-Team': 'a'},"
                    + " 'masked_headers': ['Authorization'], 'body': '[1]',"
                    + " 'status_code': '20.', 'parser': 'pattern', 'pattern': 'ok',"
                    + " 'register_body': false, 'max_redirects': 3, 'timeout': 5,"
                    + " 'task_arguments': [{'type': 'input', 'label': 'what'}]}"));
    tellEnded("an address that is not public", run(call, "{'task_arguments': ['x']}"));
    var notification =
        told(
            "a notification",
            json(
                "{'name': 'tell', 'type': 'notification', 'subject': 'Done', 'body': 'All of it.',"
                    + " 'recipients': ['ann@example.org'],"
                    + " 'notificationTypes': {'desktop': true, 'push': true}}"));
    tellEnded("notified", run(notification, "{}"));
    var mail =
        told(
            "a notification by e-mail and webhook",
            json(
                "{'name': 'mail', 'type': 'notification', 'subject': 'Done',"
                    + " 'recipients': ['user'], 'notificationTypes': {'email': true},"
                    + " 'webhook_url': 'https://example.org/hook', 'max_attempts': 1}"));
    tellEnded("without a mail server", run(mail, "{}"));
    run(
        told(
            "one approves",
            json("{'name': 'a', 'type': 'approval', 'approvers': ['ann@example.org']}")),
        "{}");
    run(told("one asks", json("{'name': 'b', 'type': 'input', 'acls': ['user']}")), "{}");
    story.tellAs(ann, "an inbox", "GET", "~/inbox", null);
    story.tellAs(ann, "marked as read", "PUT", "/inbox/read", "{}");
    story.tellAs(ann, "what was read", "GET", "/inbox", null);
  }

  private void tellEnded(String what, String job) {
    await()
        .until(
            () ->
                List.of("succeeded", "failed")
                    .contains(
                        story.quietly("GET", "/job/" + job, null).path("status").asString("")));
    tellJob(what, job);
  }

  /** A new task, told of. */
  private String told(String what, String body) {
    return story.tellOf(what, "POST", "~/task", body).text("/id");
  }

  @Test
  void credentials() {
    var text =
        story.tellOf(
            "a text",
            "POST",
            "~/credential",
            json(
                "{'name': 'token', 'type': 'text', 'value': 'hush', 'description': 'any', 'acls':"
                    + " ['manager']}"));
    story.tellOf(
        "a file",
        "POST",
        "~/credential",
        json("{'name': 'key', 'type': 'file', 'filename': 'id_rsa', 'value': 'hush'}"));
    var pair =
        story.tellOf(
            "a pair",
            "POST",
            "~/credential",
            json("{'name': 'db', 'type': 'pair', 'user': 'scott', 'password': 'hush'}"));
    story.tell("one", "GET", "~/credential/token");
    story.tell("the list", "GET", "~/credential?sort=name");
    story.tellOf("replaced", "PUT", "~/credential/" + text.text("/id"), json("{'name': 'token'}"));
    var agent = Agent.open(story, "web-1", 1);
    var task =
        task(
            "task",
            onHost(agent)
                + ", 'credentials': [{'credential': 'token', 'env': 'T', 'file_env': 'F'},"
                + " {'credential': 'db', 'user_env': 'U', 'password_env': 'P'}]");
    story.tell("a task that uses them", "GET", "/task/" + task);
    run(task, "{}");
    agent.tells("an order with secrets", "claims", agent.claim(1));
    story.tell("in use", "DELETE", "~/credential/" + pair.text("/id"));
    story.tell("removed", "DELETE", "~/credential/key");
    story.tell("the audit log", "GET", "~/audit");
    story.tell("a part of it", "GET", "~/audit?status=409");
  }

  @Test
  void recipes() throws IOException {
    var agent = Agent.open(story, "web-1", 1);
    for (var file : List.of("a-task", "a-task-windows", "a-task-plain", "b-shallow", "b-deep")) {
      var made = story.tellOf(file, "POST", "~/task/import?host_id=" + agent.host(), recipe(file));
      var task = "~/task/" + made.text("/id");
      story.tell(file + " shown", "GET", task);
      story.tell(file + " side by side", "GET", task + "/recipe");
      story.tell(file + " nested", "GET", task + "/serialize");
      if (file.equals("a-task")) {
        story.tell(file + " shallow", "GET", task + "/serialize?mode=shallow");
        story.tell(file + " deep", "GET", task + "/serialize?mode=deep");
      }
    }
    var everything = "/task/" + taskWithEverything(agent);
    story.tell("everything side by side", "GET", everything + "/recipe");
    story.tell("everything deep", "GET", everything + "/serialize?mode=deep");
    story.tellOf(
        "by GET",
        "GET",
        "~/task/import?hostname=web-1&fields=name,ignored_fields",
        recipe("a-task"));
    var made =
        story.tellOf(
            "a workflow",
            "POST",
            "~/workflows/import?host_id=" + agent.host(),
            recipe("c-workflow"));
    var workflow = "/workflows/" + made.text("/id");
    story.tell("a workflow shown", "GET", workflow);
    story.tell("workflows", "GET", "~/workflows");
    story.tell("a workflow nested", "GET", workflow + "/serialize");
    story.tell("a workflow shallow", "GET", workflow + "/serialize?mode=shallow");
    story.tell("a workflow deep", "GET", workflow + "/serialize?mode=deep");
    story.tellOf("no recipe", "POST", "~/task/import", json("{'task': {}, 'more': 1}"));
    story.tell("a workflow removed", "DELETE", workflow);
  }

  /** A function with every property, of which the second version is called. */
  @Test
  void libraries() {
    var agent = Agent.open(story, "web-1", 1);
    var function =
        json(
            """
            {'libraryName': 'API_Tasks', 'name': 'age', 'source': 'print(1)', 'kind': 'function',
             'description': 'how old', 'tags': ['age'], 'sourceControl': 'view',
             'apiAccess': true, 'deployable': true, 'taskType': 'UI',
             'endpoints': [{'name': 'run', 'help': 'Counts years.', 'parameters': [
               {'name': 'year', 'type': 'int', 'annotation': 'int'},
               {'name': 'unit', 'type': 'str', 'required': false, 'default': 'years'}]}]}
            """);
    var made = story.tellOf("registered", "POST", "/library", function);
    story.tellOf("registered again", "POST", "/library", function);
    story.tell("the libraries", "GET", "/library");
    var one = "/library/" + made.text("/id");
    story.tell("an API task", "GET", one);
    story.tellOf("promoted", "PUT", one + "/promote", json("{'level': 'O', 'version': 0.1}"));
    story.tellOf("chosen", "PUT", one + "/version", json("{'version': '0.1'}"));
    story.tell("a source", "GET", one + "/version/0.2/source");
    var call = "{'id': '%s', 'arguments': {'year': 1984}, 'isDeploy': true}";
    var deployed = story.tellOf("deployed", "POST", "/resource", json(call, made.text("/id")));
    var order = agent.claims();
    agent.ends(order, SUCCEEDED, ", 'result': {'state': 'success', 'data': 39}");
    story.tell("its result", "GET", deployed.text("/data/result"));
    var run =
        story.tellOf(
            "run from its library",
            "POST",
            one + "/run",
            json("{'arguments': {'year': 0}, 'isDeploy': true}"));
    agent.ends(
        agent.claims(),
        "{'type': 'exited_with', 'code': 1}",
        ", 'result': {'state': 'failure', 'data': {'type': 'ValueError', 'message': 'year 0',"
            + " 'traceback': 'ValueError: year 0'}}");
    story.tell("what it raised", "GET", run.text("/data/result"));
    story.tellOf(
        "a wrong call",
        "POST",
        "/resource",
        json("{'id': '%s', 'arguments': {'year': 'x', 'day': 1}}", made.text("/id")));
    story.tell("a version removed", "DELETE", one + "/version/0.2");
    story.tell("removed", "DELETE", one);
  }

  @Test
  void problems() {
    story.tellAs("", "no token", "GET", "~/job", null);
    story.tellAs("cpz_it_nothing", "an unknown token", "GET", "~/job", null);
    story.tellAs(story.token(Role.VIEWER), "not allowed", "POST", "~/pool", "{}");
    story.tell("not there", "GET", "/job/0123456789abcdef01234567");
    story.tell("no such route", "GET", "~/nothing/here");
    story.tell("another organization", "GET", "/elsewhere/job");
    story.tell("another method", "DELETE", "~/job");
    story.tell("JSON, whatever is accepted", "GET", "~/host", "Accept", "image/png");
    story.tellOf("no JSON", "POST", "~/pool", "{'name':");
    story.tellOf("not an object", "POST", "~/pool", "[1]");
    story.tellOf("wrong", "POST", "~/pool", json("{'name': 7, 'hosts': ['x'], 'colour': 'red'}"));
    story.tellOf("another type", "POST", "~/pool", "<a/>", "Content-Type", "application/xml");
    story.tellOf(
        "too large", "POST", "~/pool", "{\"name\": \"" + "x".repeat(8 * 1024 * 1024) + "\"}");
    story.tell("a bad query", "GET", "~/job?limit=x&colour=red&sort=nothing");
    story.tell("alive", "GET", "/livez");
    story.tell("ready", "GET", "/readyz");
    story.tell("metrics without a token set", "GET", "/metrics");
  }

  private void tellJob(String what, String job) {
    story.tell(what, "GET", "~/job/" + job);
  }

  private void tellWhy(String what, String job) {
    story.tell("why: " + what, "GET", "~/job/" + job + "/why");
  }

  private void tellOutput(String job) {
    for (var form : List.of("text/plain", "application/x-ndjson", "application/json")) {
      story.tell("output as " + form, "GET", "/job/" + job + "/output", "Accept", form);
    }
  }

  private void tellResults(String job) {
    for (var form : List.of("result", "full", "output", "parse=0")) {
      story.tell("its result as " + form, "GET", "/job/" + job + "/result?" + form);
    }
    tellOutput(job);
    story.tell("events", "GET", "/job/" + job + "/output", "Accept", "text/event-stream");
    story.tell("some bytes", "GET", "/job/" + job + "/output", "Range", "bytes=1-2");
  }

  private String tellRun(String what, String task, String run) {
    return story.tellOf(what, "POST", "~/task/" + task + "/job", json(run)).text("/id");
  }

  private String run(String task, String run) {
    return story.quietly("POST", "~/task/" + task + "/job", json(run)).at("/id").asString();
  }

  private static String file(String content) {
    return "data:text/plain;name=note.txt;base64,"
        + Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
  }

  private static String onHost(Agent agent) {
    return "'host_id': '" + agent.host() + "'";
  }

  private String task(String name, String more) {
    return story.quietly("POST", "~/task", taskBody(name, more)).at("/id").asString();
  }

  private static String taskBody(String name, String more) {
    return json(
        "{'name': '%s', 'script': {'filename': 'x.sh', 'content': 'exit 0'}, " + more + "}", name);
  }

  private String taskWithEverything(Agent agent) {
    return task("everything", onHost(agent) + EVERYTHING);
  }

  private String pool(String name, Agent... agents) {
    var hosts = new StringBuilder();
    for (var agent : agents) {
      hosts.append(hosts.isEmpty() ? "" : ",").append('"').append(agent.host()).append('"');
    }
    return story
        .quietly("POST", "~/pool", json("{'name': '%s', 'hosts': [%s]}", name, hosts))
        .at("/id")
        .asString();
  }

  /** Lets time pass, and does all that is done from time to time. */
  private static void pass(Duration time) {
    clock.jump(time);
    for (var holder : supervisor.context().getBeansOfType(ScheduledTaskHolder.class).values()) {
      holder.getScheduledTasks().forEach(task -> task.getTask().getRunnable().run());
    }
  }

  private static String recipe(String file) throws IOException {
    return Files.readString(Path.of("src", "test", "resources", "recipes", file + ".json"));
  }
}
