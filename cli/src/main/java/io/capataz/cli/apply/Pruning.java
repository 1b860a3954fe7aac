package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.terminal.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Finds what carries a tag and stands in no file any more: tasks and workflows with the tag, and
 * schedules of such tasks and workflows. Pools and webhooks have no tags and are left.
 */
final class Pruning {

  private final Api api;
  private final String tag;
  private final Set<String> described = new HashSet<>();

  Pruning(Api api, String tag, List<Definition> definitions) {
    this.api = api;
    this.tag = tag;
    for (Definition definition : definitions) {
      boolean tagged = definition.kind() == Kind.TASK || definition.kind() == Kind.WORKFLOW;
      if (tagged && !hasTag(definition.fields())) {
        throw Failure.usage(
            "%s (%s) does not have the tag '%s'; with --prune, all tasks and workflows in the files"
                    .formatted(definition.label(), definition.origin(), tag)
                + " must, so that they are found again.");
      }
      described.add(definition.label());
    }
  }

  /** One object to be removed. */
  record Left(String label, Kind kind, JsonNode live) {}

  private boolean hasTag(JsonNode object) {
    return object.path("tags").valueStream().anyMatch(it -> it.asString("").equals(tag));
  }

  /** The objects to remove, dependents before what they depend on. */
  List<Left> found() {
    Map<String, String> targets = new HashMap<>();
    List<Left> objects = new ArrayList<>();
    for (JsonNode workflow : api.all("/workflows", Integer.MAX_VALUE)) {
      if (hasTag(workflow.path("definition"))) {
        put(Kind.WORKFLOW, workflow, targets, objects);
      }
    }
    for (JsonNode task : api.all("/task?tags=" + Api.encoded(tag), Integer.MAX_VALUE)) {
      put(Kind.TASK, task, targets, objects);
    }
    List<Left> all = new ArrayList<>(schedules(targets));
    all.addAll(objects);
    return all;
  }

  private void put(Kind kind, JsonNode object, Map<String, String> targets, List<Left> objects) {
    String label = kind.word() + "/" + object.path("name").asString("");
    if (described.contains(label)) {
      targets.put(object.path("id").asString(""), label);
    } else {
      // Its schedules go with it.
      objects.add(new Left(label, kind, object));
    }
  }

  private List<Left> schedules(Map<String, String> targets) {
    List<Left> schedules = new ArrayList<>();
    for (JsonNode schedule : api.all("/schedule", Integer.MAX_VALUE)) {
      String target = targets.get(Exporting.target(schedule));
      if (target != null) {
        String description = schedule.path("description").asString("");
        String label = "schedule/" + target + (description.isEmpty() ? "" : "/" + description);
        if (!described.contains(label)) {
          schedules.add(new Left(label, Kind.SCHEDULE, schedule));
        }
      }
    }
    return schedules;
  }
}
