package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.apply.Applied.Action;
import io.capataz.cli.apply.Difference.Change;
import io.capataz.cli.terminal.Failure;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings a supervisor to what definitions say, one object after the other. */
final class Applying {

  private final Places places;
  private final boolean dryRun;

  Applying(Api api, List<Definition> definitions, boolean dryRun) {
    this.places = new Places(api, definitions);
    this.dryRun = dryRun;
  }

  /** Applies one definition; those that it refers to must have been applied before. */
  Applied apply(Definition definition) {
    try {
      return applied(definition);
    } catch (Failure e) {
      throw new Failure(
          e.code(),
          "%s (%s): %s".formatted(definition.label(), definition.origin(), e.sentences()));
    }
  }

  private Applied applied(Definition definition) {
    Shelf shelf = shelf(definition.kind());
    ObjectNode wanted = shelf.wanted(definition);
    Optional<JsonNode> live = shelf.live(definition, wanted);
    if (live.isEmpty()) {
      if (!dryRun) {
        var _ = shelf.create(definition, wanted);
      }
      return new Applied(definition.label(), Action.CREATED, List.of());
    }
    List<Change> changes = Difference.between(live.get(), wanted, secrets(wanted, live.get()));
    if (changes.isEmpty()) {
      return new Applied(definition.label(), Action.UNCHANGED, List.of());
    }
    if (!dryRun && isSame(live.get(), shelf.change(live.get(), wanted))) {
      // Such as a secret that cannot be compared and was the same.
      return new Applied(definition.label(), Action.UNCHANGED, List.of());
    }
    return new Applied(definition.label(), Action.CHANGED, changes);
  }

  private static boolean isSame(JsonNode before, JsonNode after) {
    return before.has("version") && before.path("version").equals(after.path("version"));
  }

  /** The paths of values that are secret, before or after. */
  private static Set<String> secrets(JsonNode wanted, JsonNode live) {
    Set<String> paths = new HashSet<>();
    for (JsonNode object : List.of(wanted, live)) {
      object.path("masked_env").forEach(it -> paths.add("env." + it.asString("")));
      object.path("masked_headers").forEach(it -> paths.add("headers." + it.asString("")));
      JsonNode parameters = object.path("task_arguments");
      for (int i = 0; i < parameters.size(); i++) {
        if (parameters.get(i).path("masked").asBoolean(false)) {
          paths.add("task_arguments[%d].value".formatted(i));
          paths.add("task_arguments[%d].default".formatted(i));
        }
      }
    }
    paths.add("signing_secret");
    return paths;
  }

  /** Removes an object that no definition describes. */
  Applied remove(String label, Kind kind, JsonNode live) {
    if (!dryRun) {
      shelf(kind).remove(live);
    }
    return new Applied(label, Action.REMOVED, List.of());
  }

  private Shelf shelf(Kind kind) {
    return switch (kind) {
      case POOL -> NamedShelf.pools(places);
      case WEBHOOK -> NamedShelf.webhooks(places);
      case TASK -> new TaskShelf(places);
      case WORKFLOW -> new WorkflowShelf(places);
      case SCHEDULE -> new ScheduleShelf(places);
    };
  }
}
