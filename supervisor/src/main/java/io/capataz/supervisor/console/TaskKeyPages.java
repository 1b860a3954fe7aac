package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the page of a task's secret keys shows. */
@Component
class TaskKeyPages {

  private final ConsoleApi api;
  private final Words words;

  TaskKeyPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /** The keys that open a task, newest first. */
  record KeyPage(String id, String task, List<KeyRow> keys) {}

  /**
   * A key.
   *
   * @param expires null: it has no end
   * @param lastUse null: never used
   */
  record KeyRow(
      String id, @Nullable Moment created, @Nullable Moment expires, @Nullable Moment lastUse) {}

  /** A key that was just made, with a command that uses it. */
  record NewKey(String secret, String command) {}

  KeyPage one(String organization, String id) {
    var task = api.get("/" + organization + "/task/" + id).body();
    var keys = new ArrayList<KeyRow>();
    api.get("/" + organization + "/task/" + id + "/credentials")
        .body()
        .path("secret_keys")
        .forEach(key -> keys.add(row(key)));
    return new KeyPage(id, task.path("name").asString(""), keys);
  }

  /**
   * The key in an answer to the making of one.
   *
   * @param address of the supervisor, as the reader's browser knows it
   */
  NewKey made(String address, String organization, String id, JsonNode answer) {
    var secret = answer.path("secret").asString("");
    var task = api.get("/" + organization + "/task/" + id).body();
    var route = "%s/%s/task/%s/secret/%s/job".formatted(address, organization, id, secret);
    return new NewKey(
        secret,
        "curl -sS -X POST %s -H 'Content-Type: application/json' -d %s"
            .formatted(quoted(route), quoted(body(task))));
  }

  private KeyRow row(JsonNode key) {
    return new KeyRow(
        key.path("id").asString(""),
        words.moment(key.path("creation_date")),
        words.moment(key.path("expires")),
        words.moment(key.path("last_use")));
  }

  /** What starts a job with the default of each parameter; those without one stay empty. */
  private static String body(JsonNode task) {
    var body = MessageJson.mapper().createObjectNode();
    var arguments = body.putArray("task_arguments");
    for (var parameter : task.path("task_arguments")) {
      if (!parameter.path("type").asString("").equals("fixed")) {
        var argument = arguments.addObject();
        argument.put("order", parameter.path("order").asInt(0));
        argument.put("value", standard(parameter));
      }
    }
    return body.toString();
  }

  /** A masked default is not repeated in a command that will be pasted elsewhere. */
  private static String standard(JsonNode parameter) {
    return parameter.path("masked").asBoolean(false) ? "" : parameter.path("default").asString("");
  }

  /** As one word for a shell. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
