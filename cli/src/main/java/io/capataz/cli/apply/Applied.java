package io.capataz.cli.apply;

import io.capataz.cli.apply.Difference.Change;
import io.capataz.common.protocol.MessageJson;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What became of one object.
 *
 * @param label such as {@code task/backup}
 * @param changes the fields that were different
 */
record Applied(String label, Action action, List<Change> changes) {

  enum Action {
    CREATED,
    CHANGED,
    UNCHANGED,
    REMOVED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** As it is said of something that was not done. */
    String wouldBe() {
      return this == UNCHANGED ? word() : "would be " + word();
    }
  }

  Applied {
    changes = List.copyOf(changes);
  }

  JsonNode tree() {
    ObjectNode tree =
        MessageJson.mapper().createObjectNode().put("object", label).put("action", action.word());
    var list = tree.putArray("changes");
    for (Change change : changes) {
      ObjectNode entry = list.addObject().put("path", change.path());
      entry.set("before", change.before());
      entry.set("after", change.after());
    }
    return tree;
  }
}
