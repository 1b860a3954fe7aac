package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.e2e.Api.Question;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Secrets of every kind go through a whole fleet, the right way and the wrong way, while its parts
 * are killed. Afterwards none of them is in any file that any part has written: no log, not the
 * store's, not the broker's, not what the agent keeps.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SecretsIT {

  /** Says all it was told, once somebody lets it. */
  private static final String SCRIPT =
      """
      #!/bin/sh
      echo begun
      while [ ! -e "$GATE" ]; do sleep 0.05; done
      echo "$1 $TOKEN $STORED"
      cat "$STORED_FILE"
      env
      """;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final Map<String, String> secrets = new LinkedHashMap<>();

  @Test
  void no_part_of_a_fleet_writes_a_secret_down() throws IOException {
    Path home = folder.resolve("fleet");
    Path gate = folder.resolve("gate");
    String gateLine = "gate " + UUID.randomUUID();
    try (Fleet fleet = Fleet.in(home).start()) {
      logIn(fleet);
      JsonNode task = task(fleet, gate, gateLine);
      showTokens(fleet, task);
      String job = run(fleet, task);
      Awaitility.await("the script has begun")
          .atMost(Duration.ofMinutes(1))
          .until(() -> fleet.api().output(job).contains("begun"));
      // The next life of each must find out again what it may not say.
      fleet.agents().getFirst().kill();
      fleet.supervisors().getFirst().kill();
      fleet.supervisors().getFirst().start();
      fleet.supervisors().getFirst().awaitReady();
      fleet.agents().getFirst().start();
      Files.createFile(gate);
      JsonNode ended =
          Awaitility.await("the job has ended")
              .atMost(Duration.ofMinutes(2))
              .until(() -> fleet.api().job(job), j -> j.hasNonNull("ended"));
      assertThat(ended.path("status").asString()).describedAs("%s", ended).isEqualTo("succeeded");
      // What is no secret came through: the script has had the values and has said them.
      assertThat(fleet.api().output(job)).contains(gateLine).contains("********");
      fleet.stop();
    }

    List<String> found = found(home);

    assertThat(found).isEmpty();
    // The search finds what is there: the owner's token in the file that is for it, and in the
    // store
    // what is no secret.
    assertThat(found(home.resolve("supervisor-0/admin.token"), Fleet.KEY)).isNotEmpty();
    try (var files = Files.walk(home.resolve("store"))) {
      assertThat(files.filter(Files::isRegularFile).map(SecretsIT::content))
          .anyMatch(content -> content.contains(gateLine));
    }
  }

  private void logIn(Fleet fleet) {
    String password = secret("password");
    fleet
        .api()
        .post(
            "/default/member",
            Map.of("email", "someone@example.org", "role", "admin", "password", password));
    Map<String, String> login = Map.of("email", "someone@example.org", "password", password);
    String session = fleet.api().post("/login", login).path("access_token").asString();
    secrets.put("session", session);
    Map<String, String> guess = Map.of("email", "someone@example.org", "password", secret("guess"));
    assertThat(status(fleet, Question.post("/login", guess))).isEqualTo(401);
    String basic =
        Base64.getEncoder()
            .encodeToString(("someone@example.org:" + password).getBytes(StandardCharsets.UTF_8));
    Question asBasic = Question.post("/api/auth/login?customer=default", Map.of());
    assertThat(status(fleet, asBasic.with("Authorization", "Basic " + basic))).isEqualTo(200);
    secrets.put("basic", basic);
  }

  private JsonNode task(Fleet fleet, Path gate, String gateLine) {
    fleet
        .api()
        .post(
            "/default/credential",
            Map.of("name", "stored", "type", "text", "value", secret("stored credential")));
    fleet
        .api()
        .post(
            "/default/credential",
            Map.of(
                "name",
                "stored file",
                "type",
                "file",
                "filename",
                "key",
                "value",
                secret("stored file")));
    JsonNode task =
        fleet.createTask(
            fleet.agents().getFirst(),
            "secrets",
            SCRIPT,
            Map.of(
                "task_arguments",
                List.of(Map.of("type", "input", "label", "password", "masked", true)),
                "env",
                Map.of("TOKEN", secret("variable"), "GATE", gate.toString(), "LINE", gateLine),
                "masked_env",
                List.of("TOKEN"),
                "credentials",
                List.of(
                    Map.of("credential", "stored", "env", "STORED"),
                    Map.of("credential", "stored file", "file_env", "STORED_FILE"))));
    secrets.put("secret key", task.path("secret").asString());
    return task;
  }

  /** In all places where a token may stand, and in some where it should not. */
  private void showTokens(Fleet fleet, JsonNode task) {
    String token =
        fleet
            .api()
            .post("/default/integration-token", Map.of("name", "shown"))
            .path("token")
            .asString();
    secrets.put("integration token", token);
    String id = task.path("id").asString();
    String key = task.path("secret").asString();
    assertThat(status(fleet, Question.get("/default/task?access_token=" + token))).isEqualTo(200);
    for (Question wrong :
        List.of(
            Question.get("/default/task/" + token),
            Question.get("/default/nothing/" + token + "?access_token=" + token),
            Question.get("/default/task?access_token=" + token + "&access_token=" + token),
            Question.post("/default/task/" + id + "/secret/" + key + "x/job", Map.of()),
            Question.post("/default/task/" + id + "/secret/" + key + "/mistyped", Map.of()),
            Question.post("/default/task", Map.of("name", token, "access_token", token)),
            Question.get("/default/task").with("X-Request-Id", token.substring(0, 64)),
            Question.get("/default/task").with("Cookie", "session=" + token))) {
      assertThat(status(fleet, wrong)).isLessThan(500);
    }
  }

  private String run(Fleet fleet, JsonNode task) {
    Question run = Fleet.run(task, List.of(secret("argument")));
    return fleet
        .api()
        .ask(run.with("Idempotency-Key", secret("idempotency key")))
        .json()
        .path("id")
        .asString();
  }

  private static int status(Fleet fleet, Question question) {
    return fleet.api().tryOnce(question).orElseThrow().status();
  }

  private String secret(String name) {
    String secret = name.replace(' ', '-') + "/" + UUID.randomUUID();
    secrets.put(name, secret);
    return secret;
  }

  /** Every secret and every key that stands in a file where it does not belong. */
  private List<String> found(Path home) throws IOException {
    List<String> found = new ArrayList<>();
    try (var files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = home.relativize(file).toString();
        String content = content(file);
        forms()
            .forEach(
                (form, what) -> {
                  if (content.contains(form)) {
                    found.add(what + " in " + name);
                  }
                });
        if (!holdsItsOwnKey(name)) {
          found(file, Fleet.KEY).forEach(key -> found.add(key.substring(0, 6) + " key in " + name));
        }
      }
    }
    return found;
  }

  /** The files that are made for a key: the owner's token and first link, and the agent's. */
  private static boolean holdsItsOwnKey(String name) {
    return name.equals("supervisor-0/admin.token")
        || name.equals("supervisor-0/login.link")
        || name.equals("agent-0/credential");
  }

  private static List<String> found(Path file, Pattern pattern) {
    return pattern.matcher(content(file)).results().map(match -> match.group()).toList();
  }

  /** How a secret may stand in a file, and which one it is. */
  private Map<String, String> forms() {
    Map<String, String> forms = new HashMap<>();
    secrets.forEach(
        (name, secret) -> {
          byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
          forms.put(secret, name);
          forms.put(URLEncoder.encode(secret, StandardCharsets.UTF_8), name);
          forms.put(Base64.getEncoder().withoutPadding().encodeToString(bytes), name);
          forms.put(secret.replace("/", "\\/"), name);
        });
    return forms;
  }

  /** Its bytes, a character each. */
  private static String content(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
