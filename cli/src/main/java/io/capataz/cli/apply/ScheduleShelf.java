package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Schedules. They have no name: what they start and their description tell them apart. */
record ScheduleShelf(Places places) implements Shelf {

  /** What a file can say of a schedule. */
  static final List<String> FIELDS =
      List.of(
          "description",
          "cron",
          "every",
          "at",
          "zone",
          "from",
          "until",
          "overlap",
          "missed",
          "missed_limit",
          "horizon",
          "task_arguments");

  @Override
  public ObjectNode wanted(Definition definition) {
    ObjectNode wanted = definition.fields().deepCopy();
    wanted.remove(List.of("task", "workflow"));
    return wanted;
  }

  @Override
  public Optional<JsonNode> live(Definition definition, ObjectNode wanted) {
    Optional<JsonNode> target = places.find(kind(definition), word(definition));
    if (target.isEmpty()) {
      // It may be among the definitions; if it is not, this says so.
      var _ = places.id(kind(definition), described(definition), word(definition));
      return Optional.empty();
    }
    List<JsonNode> found =
        places
            .api()
            .get(at(definition, target.get()) + "/schedule")
            .valueStream()
            .filter(it -> described(it).equals(described(wanted)))
            .toList();
    if (found.size() > 1) {
      throw new Failure(
          ExitCode.CONFLICT,
          "%s: %d schedules are %s. Give them different descriptions."
              .formatted(definition.origin(), found.size(), definition.label()));
    }
    return found.stream().findFirst();
  }

  private static String described(JsonNode schedule) {
    return schedule.path("description").asString("");
  }

  private static Named kind(Definition definition) {
    return definition.fields().has("task") ? Named.TASK : Named.WORKFLOW;
  }

  private static Kind described(Definition definition) {
    return definition.fields().has("task") ? Kind.TASK : Kind.WORKFLOW;
  }

  private static String word(Definition definition) {
    return definition.required(described(definition).word());
  }

  private static String at(Definition definition, JsonNode target) {
    return kind(definition).at(target.path("id").asString(""));
  }

  @Override
  public JsonNode create(Definition definition, ObjectNode wanted) {
    JsonNode target = kind(definition).one(places.api(), word(definition));
    return places.api().send("POST", at(definition, target) + "/schedule", wanted);
  }

  @Override
  public JsonNode change(JsonNode live, ObjectNode wanted) {
    ObjectNode whole = wanted.objectNode();
    FIELDS.stream().filter(live::hasNonNull).forEach(it -> whole.set(it, live.path(it)));
    // Of the kinds of times, the one that the file names replaces the other.
    if (wanted.has("cron")) {
      whole.remove("every");
    }
    if (wanted.has("every") || whole.has("every")) {
      whole.remove(List.of("cron", "at"));
    }
    wanted.properties().forEach(it -> WorkflowShelf.put(whole, it.getKey(), it.getValue()));
    return places.api().send("PUT", at(live), whole);
  }

  @Override
  public void remove(JsonNode live) {
    var _ = places.api().send("DELETE", at(live), null);
  }

  private static String at(JsonNode schedule) {
    return "/schedule/" + Api.encoded(schedule.path("id").asString(""));
  }
}
