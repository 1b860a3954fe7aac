package io.capataz.supervisor.task;

import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.task.Approve.Labels;
import io.capataz.supervisor.task.Approve.Lapse;
import io.capataz.supervisor.task.Approve.Quorum;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the kind of a task, and what a task does that runs no script. */
final class ActionFields {

  /** The maximum deadline in seconds: a year. */
  private static final long LONGEST = 366L * 24 * 3600;

  private static final int MOST_APPROVALS = 100;

  private static final String REQUIRED = "approvals_required";
  private static final String TARGET = "approvals_target";

  /** Who decides if the task does not say. */
  private static final People ADMINISTRATORS = new People(List.of("admin"));

  private ActionFields() {}

  /**
   * Reads {@code type} and {@code _type}.
   *
   * @param current the task to be changed, whose kind stays; null: a new one, of a script unless it
   *     says otherwise
   */
  static ActionKind kind(FieldReader fields, @Nullable Task current) {
    var type = fields.text("type", 30);
    var className = fields.text("_type", 30);
    var ofType = type.flatMap(ActionKind::ofType);
    var ofClass = className.flatMap(ActionKind::ofTaskClass);
    if (type.isPresent() && ofType.isEmpty()) {
      fields.wrong(
          "type",
          "unknown_type",
          "must be one of " + String.join(", ", ActionKind.types()) + ", or left out.");
    }
    if (className.isPresent() && ofClass.isEmpty()) {
      fields.wrong(
          "_type",
          "unknown_type",
          "must be one of " + String.join(", ", ActionKind.taskClasses()) + ", or left out.");
    }
    var kind =
        ofType
            .or(() -> ofClass)
            .orElse(current == null ? ActionKind.SCRIPT : current.action().kind());
    if (ofClass.filter(other -> other != kind).isPresent()) {
      fields.wrong("_type", "conflict", "must be " + kind.taskClass() + ", as type says.");
    } else if (current != null && current.action().kind() != kind) {
      fields.wrong(
          "type",
          "not_settable",
          "must stay "
              + current.action().kind().type()
              + ": the type of a task does not change. Create another task.");
    }
    return kind;
  }

  static Approve approval(FieldReader fields) {
    var approvers = people(fields, "approvers");
    var byStarter = byStarter(fields);
    var self = fields.truth("self_approval");
    if (byStarter && self.equals(Optional.of(false))) {
      fields.wrong(
          "self_approval",
          "conflict",
          "must be true or left out if approvals_target is initiator.");
    }
    var named = approvers.orElse(byStarter ? People.NOBODY : ADMINISTRATORS);
    if (named.isEmpty() && !byStarter) {
      fields.wrong("approvers", "empty", "must name at least one person, role or tag.");
    }
    return new Approve(
        named,
        byStarter,
        quorum(fields),
        byStarter || self.orElse(false),
        deadline(fields),
        lapse(fields),
        new Labels(
            fields.textOrNothing("success_label", 100).orElse(null),
            fields.textOrNothing("failure_label", 100).orElse(null)));
  }

  private static boolean byStarter(FieldReader fields) {
    var target = fields.text(TARGET, 20).orElse("fixed");
    return switch (target) {
      case "fixed" -> false;
      case "initiator" -> true;
      default -> {
        fields.wrong(TARGET, "unknown_word", "must be fixed or initiator.");
        yield false;
      }
    };
  }

  /** {@code one}, {@code all} or a number. */
  private static Quorum quorum(FieldReader fields) {
    if (!fields.isText(REQUIRED)) {
      var count = fields.whole(REQUIRED, 1, MOST_APPROVALS);
      return count.isPresent() ? new Quorum((int) count.getAsLong()) : Quorum.ONE;
    }
    var word = fields.text(REQUIRED, 10).orElse("");
    return switch (word) {
      case "one" -> Quorum.ONE;
      case "all" -> Quorum.ALL;
      default -> {
        fields.wrong(
            REQUIRED, "unknown_word", "must be one, all or a number up to " + MOST_APPROVALS + ".");
        yield Quorum.ONE;
      }
    };
  }

  private static Lapse lapse(FieldReader fields) {
    var word = fields.text("on_lapse", 20);
    if (word.isPresent() && !fields.has("deadline")) {
      fields.wrong("on_lapse", "conflict", "must be left out for an approval without a deadline.");
    }
    return switch (word.orElse("expired")) {
      case "expired" -> Lapse.EXPIRED;
      case "approved" -> Lapse.APPROVED;
      case "rejected" -> Lapse.REJECTED;
      default -> {
        fields.wrong("on_lapse", "unknown_word", "must be expired, approved or rejected.");
        yield Lapse.EXPIRED;
      }
    };
  }

  static AskInput input(FieldReader fields) {
    var asks = fields.truth("user_inputs").orElse(true);
    var people = people(fields, "user_inputs_members").orElse(People.NOBODY);
    if (!asks && (!people.isEmpty() || fields.has("deadline"))) {
      fields.wrong(
          people.isEmpty() ? "deadline" : "user_inputs_members",
          "conflict",
          "must be left out if user_inputs is false: nobody is asked.");
    }
    return new AskInput(people, asks, deadline(fields));
  }

  static Wait waiting(FieldReader fields) {
    var duration = fields.whole("wait_for", 1, LONGEST);
    var until = fields.instant("wait_until");
    if (duration.isPresent() && until.isPresent()) {
      fields.wrong("wait_until", "conflict", "must not be sent together with wait_for.");
    } else if (!fields.has("wait_for") && !fields.has("wait_until")) {
      fields.wrong("wait_for", "required", "is required unless wait_until is sent.");
    }
    return new Wait(
        duration.isPresent() ? Duration.ofSeconds(duration.getAsLong()) : null, until.orElse(null));
  }

  private static Optional<People> people(FieldReader fields, String name) {
    return AclFields.entries(fields, name).map(People::new);
  }

  private static @Nullable Duration deadline(FieldReader fields) {
    var seconds = fields.whole("deadline", 1, LONGEST);
    return seconds.isPresent() ? Duration.ofSeconds(seconds.getAsLong()) : null;
  }

  /** A file goes to a script; there is no other place for it. */
  static void checkParameters(FieldReader fields, List<Parameter> parameters, ActionKind kind) {
    for (var i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).kind() == Parameter.Kind.FILE) {
        fields.wrong(
            "task_arguments/" + i + "/type",
            "not_for_this_type",
            "must not be file for a task of type " + kind.type() + ".");
      }
    }
  }

  /** The fields that say where a task runs mean nothing where no agent runs it. */
  static void checkNoTarget(FieldReader fields, List<String> names, ActionKind kind) {
    names.stream()
        .filter(fields::has)
        .filter(name -> !fields.any(name).map(JsonNode::isNull).orElse(true))
        .forEach(
            name ->
                fields.wrong(
                    name,
                    "not_for_this_type",
                    "must be left out: no host runs a task of type " + kind.type() + "."));
  }
}
