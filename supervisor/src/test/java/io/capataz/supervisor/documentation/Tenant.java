package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.HostFacts;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import io.capataz.supervisor.draft.TestDrafts;
import io.capataz.supervisor.member.TestSessions;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An organization of its own with a token of each role, an agent, and one object of each kind, made
 * over the real routes when it is first asked for.
 */
final class Tenant {

  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");
  private static final List<String> ALL_ROLES = List.of("viewer", "user", "agent", "manager");

  private final TestSupervisor supervisor;
  private final String name = "org-" + UUID.randomUUID();
  private final Map<Role, String> tokens = new EnumMap<>(Role.class);
  private final Map<String, String> objects = new HashMap<>();
  private String agent = "";

  Tenant(TestSupervisor supervisor) {
    this.supervisor = supervisor;
    for (var role : Role.values()) {
      tokens.put(role, TestTokens.issue(supervisor, name, role));
    }
  }

  String name() {
    return name;
  }

  String token(Role role) {
    return tokens.getOrDefault(role, "");
  }

  /** A new owner's session. */
  String session() {
    return TestSessions.begin(supervisor, name, Role.OWNER);
  }

  /** The credential of its agent. */
  String agent() {
    object("host");
    return agent;
  }

  /** The path with this organization and its objects in the place of the variables. */
  String path(String pattern) {
    return filled(pattern, kind -> object(kind));
  }

  /** The same, with objects in it that are nowhere. */
  String absent(String pattern) {
    return filled(pattern, Tenant::nothing);
  }

  /** This organization's path, with the objects of another. */
  String foreign(String pattern, Tenant other) {
    // The key is one that opens a task here, so that it is the task that does not fit.
    return filled(
        pattern,
        kind ->
            kind.contains("secret") || kind.endsWith("-key") ? object(kind) : other.object(kind));
  }

  interface Objects {
    String id(String kind);
  }

  private String filled(String pattern, Objects objects) {
    var filled = new StringBuilder();
    var variables = VARIABLE.matcher(pattern);
    while (variables.find()) {
      var value =
          variables.group(1).equals("customer")
              ? name
              : objects.id(
                  variables.group(1).equals("keyId")
                      ? ofWorkflow(pattern, "key-id")
                      : kind(pattern, variables.start()));
      variables.appendReplacement(filled, Matcher.quoteReplacement(value));
    }
    variables.appendTail(filled);
    return filled.toString();
  }

  /** The word before a variable says of what kind it is. */
  private static String kind(String pattern, int at) {
    if (pattern.matches("/(api|ws)/\\{library}/.*")) {
      return "client-" + pattern.substring(at + 1, pattern.indexOf('}', at));
    }
    var before = pattern.substring(0, at - 1);
    var word = before.substring(before.lastIndexOf('/') + 1);
    if (pattern.contains("/workflows/{id}/") && !word.equals("workflows")) {
      return ofWorkflow(pattern, word);
    }
    if (pattern.contains("/webhook/{id}/") && !word.equals("webhook")) {
      return "webhook-" + word;
    }
    if (pattern.startsWith("/library/") && word.equals("version")) {
      return "library-version";
    }
    if (pattern.startsWith("/api/task/{id}")) {
      return "draft";
    }
    if (pattern.startsWith("/v1/task/{id}")) {
      return "v1-task";
    }
    if (pattern.startsWith("/resource/")) {
      return "ended-call";
    }
    // Who asks for the result of another one would wait for its end.
    return !pattern.endsWith("/result")
        ? word
        : word.equals("secret") ? "job-key" : word.equals("job") ? "ended-job" : word;
  }

  /** What is a task's elsewhere is a workflow's below one. */
  private static String ofWorkflow(String pattern, String word) {
    if (pattern.contains("/webhook/{id}/")) {
      return "webhook-" + word;
    }
    return pattern.contains("/workflows/{id}/")
        ? "workflow-" + word + (pattern.endsWith("/result") ? "-ended" : "")
        : word;
  }

  private static String nothing(String kind) {
    return switch (kind) {
      case "secret", "workflow-secret", "workflow-secret-ended", "webhook-secret" ->
          TestTokens.strangeSecretKey();
      case "version" -> "999999";
      case "library", "draft" -> "00000000-0000-0000-0000-000000000000";
      case "library-version" -> "7.7";
      default -> "0123456789abcdef01234567";
    };
  }

  /** Forgets an object, so that the next one who asks is given a new one. */
  void forget(String kind) {
    objects.remove(kind);
  }

  /** Forgets all that was made, so that the next one who asks is given something new. */
  void forgetAll() {
    objects.clear();
  }

  /**
   * The id of an object of a kind, which is the word that stands before it in paths; the others are
   * in no path, so that nothing is done to them.
   */
  String object(String kind) {
    var known = objects.get(kind);
    if (known != null) {
      return known;
    }
    var made =
        switch (kind) {
          case "docs" -> "tutorial.md";
          // A supervisor of the tests need not have the Python packages and the agent's files.
          case "simple", "{project}", "agent" -> "none";
          case "host", "host of tasks" -> enrolledHost();
          case "task", "task of jobs" -> {
            var task =
                post(
                    "/task",
                    Map.of(
                        "name",
                        "any",
                        "host_id",
                        object("host"),
                        "acls",
                        ALL_ROLES,
                        "script",
                        Map.of("filename", "x.sh", "content", "exit 0")));
            if (kind.equals("task")) {
              objects.put("secret", task.text("/secret"));
            }
            yield task.text("/id");
          }
          case "secret" -> {
            forget("task");
            object("task");
            yield objects.getOrDefault("secret", "");
          }
          case "hidden" ->
              post(
                      "/task",
                      Map.of(
                          "name", "hidden",
                          "host_id", object("host of tasks"),
                          "script", Map.of("filename", "x.sh", "content", "exit 0")))
                  .text("/id");
          case "key-id" -> {
            var key = latestKey(object("task"));
            if (key.isEmpty()) { // Somebody has removed the task.
              forget("task");
              key = latestKey(object("task"));
            }
            yield key;
          }
          case "client-library" -> clientLibrary();
          case "client-task" -> "plain";
          case "client-token" -> clientToken().text("/id");
          case "client-key" -> clientToken().text("/token");
          case "client-id" -> {
            var start =
                "/api/%s/tasks/%s/start/plain"
                    .formatted(object("client-library"), object("client-key"));
            yield supervisor.postAs(null, start, Map.of()).text("/task_id");
          }
          case "jobs" -> object("job");
          case "attempts" -> "1";
          case "file" ->
              post("/file", Map.of("filename", "x.sh", "content", "exit 0", "acls", ALL_ROLES))
                  .text("/id");
          case "member" ->
              post("/member", Map.of("email", "m-" + UUID.randomUUID() + "@example.org"))
                  .text("/id");
          case "join-token" -> post("/host/join-token", Map.of()).text("/id");
          case "token", "integration-token" ->
              post("/integration-token", Map.of("name", "any", "role", "viewer")).text("/id");
          case "script" -> object("file");
          case "version" -> "1";
          case "library" -> apiTask();
          case "draft" -> TestDrafts.put(supervisor, name, ALL_ROLES);
          case "library-version" -> "0.1";
          case "ended-call" -> {
            var called =
                ofToken(
                    "/library/" + object("library") + "/run",
                    Map.of("isDeploy", true, "arguments", Map.of("x", 1)));
            put("/job/" + called.text("/data/job") + "/cancel");
            yield called.text("/data/job");
          }
          case "job" -> post("/task/" + object("task of jobs") + "/job", Map.of()).text("/id");
          case "ended-job" -> {
            var led =
                supervisor.postAs(
                    null,
                    "/" + name + "/task/" + object("task of jobs") + "/job",
                    Map.of("access_token", token(Role.OWNER), "wait_result", true));
            var address = led.raw().headers().firstValue("Location").orElse("");
            objects.put("job-key", address.replaceAll(".*/secret/|/result.*", ""));
            yield put("/job/" + led.text("/id") + "/cancel").text("/id");
          }
          case "job-key" -> {
            forget("ended-job");
            object("ended-job");
            yield objects.getOrDefault("job-key", "");
          }
          case "credential" ->
              post(
                      "/credential",
                      Map.of(
                          "name",
                          "c-" + UUID.randomUUID(),
                          "type",
                          "text",
                          "value",
                          "any",
                          "acls",
                          ALL_ROLES))
                  .text("/id");
          case "workflows" ->
              post(
                      "/workflows/import?host_id=" + object("host"),
                      Map.of(
                          "name",
                          "any",
                          "acl",
                          ALL_ROLES,
                          "tasks",
                          List.of(
                              Map.of(
                                  "id",
                                  "a",
                                  "type",
                                  "script",
                                  "name",
                                  "any",
                                  "script",
                                  Map.of("filename", "x.sh", "data", "ZXhpdCAw"))),
                          "graph",
                          Map.of("nodes", List.of(Map.of("v", "a")), "edges", List.of())))
                  .text("/id");
          case "schedule" ->
              post(
                      "/task/" + object("task of jobs") + "/schedule",
                      Map.of("every", 86_400, "at", "2999-01-01T00:00:00Z"))
                  .text("/id");
          case "scheduler" -> object("schedule");
          case "fleet" -> post("/task/" + object("task of jobs") + "/fleet", Map.of()).text("/id");
          case "indicator" -> indicator().text("/id");
          case "title" -> indicator().text("/title");
          case "webhook" ->
              post("/webhook", Map.of("name", "w-" + UUID.randomUUID(), "acls", ALL_ROLES))
                  .text("/id");
          case "webhook-key-id" ->
              get("/webhook/" + object("webhook") + "/credentials").text("/secret_keys/0/id");
          case "webhook-secret" ->
              get("/webhook/" + object("webhook") + "/credentials").text("/secret");
          case "webhook-delivery" -> {
            var webhook = "/webhook/" + object("webhook");
            var _ = post(webhook + "/trigger", Map.of());
            yield get(webhook + "/delivery").text("/0/id");
          }
          case "workflow-key-id" ->
              get("/workflows/" + object("workflows") + "/credentials").text("/secret_keys/0/id");
          case "workflow-secret", "workflow-secret-ended" ->
              get("/workflows/" + object("workflows") + "/credentials").text("/secret");
          case "workflow-job" ->
              post("/workflows/" + object("workflows") + "/job", Map.of()).text("/id");
          case "workflow-job-ended" -> {
            var workflow = "/workflows/" + object("workflows");
            var key = object("workflow-secret");
            var run = post(workflow + "/secret/" + key + "/job", Map.of()).text("/id");
            yield put(workflow + "/job/" + run + "/cancel").text("/id");
          }
          case "callback" -> delivery();
          case "v1-task" ->
              ofToken("/v1/task/" + object("task of jobs"), Map.of()).text("/task_id");
          case "key" -> post("/callback/key", Map.of("use", "signing")).text("/id");
          case "pool" ->
              post(
                      "/pool",
                      new HashMap<>(
                          Map.of(
                              "name",
                              "pool-" + UUID.randomUUID(),
                              "hosts",
                              new ArrayList<String>())))
                  .text("/id");
          default ->
              throw new IllegalArgumentException(
                  "Nobody knows how to make a '" + kind + "'; say so in Tenant.object.");
        };
    assertThat(made).describedAs("the id of a new " + kind).isNotEmpty();
    objects.put(kind, made);
    return made;
  }

  /** The delivery of a job's callback to an address that must not be called; its id. */
  private String delivery() {
    var run = Map.of("callback_url", "https://10.0.0.1/");
    var job = post("/task/" + object("task of jobs") + "/job", run).text("/id");
    var _ = put("/job/" + job + "/cancel");
    return await()
        .until(
            () -> get("/job/" + job + "/callbacks").text("/0/id"), Predicate.not(String::isEmpty));
  }

  /** An API task that everybody may run and see the source of; its id. */
  private String apiTask() {
    var parameters = List.of(Map.of("name", "x", "type", "int"));
    var made =
        ofToken(
            "/library",
            Map.of(
                "libraryName",
                "Any",
                "name",
                "any",
                "source",
                "print(1)",
                "host_id",
                object("host"),
                "sourceControl",
                "view",
                "deployable",
                true,
                "endpoints",
                List.of(Map.of("name", "run", "parameters", parameters))));
    var _ =
        supervisor.sendAs(
            token(Role.OWNER),
            "PUT",
            "/library/" + made.text("/id") + "/promote",
            Map.of("level", "O"));
    // Its jobs are seen by all of them.
    var _ =
        supervisor.sendAs(
            token(Role.OWNER),
            "PUT",
            "/task/" + made.text("/task_id") + "/acl",
            Map.of("users", ALL_ROLES));
    return made.text("/id");
  }

  /** A library whose function {@code plain} clients may start; its name. */
  private String clientLibrary() {
    var library = "L_" + UUID.randomUUID().toString().replace("-", "");
    var made =
        ofToken(
            "/library",
            Map.of(
                "libraryName",
                library,
                "name",
                "plain",
                "source",
                "print(1)",
                "host_id",
                object("host of tasks"),
                "apiAccess",
                true,
                "endpoints",
                List.of(Map.of("name", "run", "parameters", List.of()))));
    var _ =
        supervisor.sendAs(
            token(Role.OWNER),
            "PUT",
            "/library/" + made.text("/id") + "/promote",
            Map.of("level", "O"));
    return library;
  }

  private Answer clientToken() {
    var client = "client-" + UUID.randomUUID();
    return post(
        "/client-token", Map.of("client", client, "libraries", List.of(object("client-library"))));
  }

  private Answer ofToken(String path, Object body) {
    var answer = supervisor.postAs(token(Role.OWNER), path, body);
    assertThat(answer.status()).describedAs(path + ": " + answer.raw().body()).isEqualTo(200);
    return answer;
  }

  private String latestKey(String task) {
    return supervisor
        .send(
            supervisor
                .request("/" + name + "/task/" + task + "/credentials")
                .header("Authorization", "Bearer " + token(Role.OWNER)))
        .text("/secret_keys/0/id");
  }

  /** A new host with an agent whose session is open; its id. */
  private String enrolledHost() {
    var join = post("/host/join-token", Map.of()).text("/token");
    var facts = new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test");
    var enrolled =
        supervisor.postAs(
            null, "/agent/v1/enrolment", new Enrolment(join, "host-" + UUID.randomUUID(), facts));
    assertThat(enrolled.status()).describedAs(enrolled.raw().body()).isEqualTo(200);
    agent = enrolled.text("/credential");
    var opened =
        supervisor.postAs(
            agent, "/agent/v1/session", TestAgent.opening(List.of(), List.of(), List.of()));
    assertThat(opened.status()).describedAs(opened.raw().body()).isEqualTo(200);
    return enrolled.text("/host");
  }

  private Answer put(String path) {
    return supervisor.send(
        supervisor
            .request("/" + name + path)
            .header("Authorization", "Bearer " + token(Role.OWNER))
            .PUT(BodyPublishers.noBody()));
  }

  private Answer get(String path) {
    return supervisor.getAs(token(Role.OWNER), "/" + name + path);
  }

  private Answer post(String path, Object body) {
    var answer = supervisor.postAs(token(Role.OWNER), "/" + name + path, body);
    assertThat(answer.status()).describedAs(path + ": " + answer.raw().body()).isBetween(200, 299);
    return answer;
  }

  private TestSupervisor.Answer indicator() {
    return post(
        "/indicator",
        Map.of("title", "i-" + UUID.randomUUID(), "type", "counter", "acl", ALL_ROLES));
  }
}
