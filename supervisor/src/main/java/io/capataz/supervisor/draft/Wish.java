package io.capataz.supervisor.draft;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What somebody wants a task to do.
 *
 * @param action in their words
 * @param grants what its text may use
 * @param example some rows of data, as JSON; empty: none
 * @param acl who may see the draft
 */
record Wish(String action, TaskType type, List<Grant> grants, Optional<JsonNode> example, Acl acl) {

  static final int LONGEST = 8_000;

  private static final Set<String> FIELDS =
      Set.of(
          "access_token",
          "acl",
          "acls",
          "customer",
          "desired_action",
          "example_data",
          "grants",
          "task_type");

  private static final int LONGEST_EXAMPLE = 20_000;

  Wish {
    grants = List.copyOf(grants);
  }

  /**
   * Reads a body of {@code POST /api/task/create}; what is missing is said in the order and in the
   * words of seed 003's system.
   *
   * @throws ApiProblem 400
   */
  static Wish read(ObjectNode body) {
    if (FIELDS.containsAll(body.propertyNames())) {
      checkThere(body, "desired_action");
      checkThere(body, "task_type");
    }
    var fields = FieldReader.of(body).ignoring("customer", "access_token");
    var action = fields.requiredText("desired_action", LONGEST);
    var word = fields.requiredText("task_type", 40);
    var grants = grants(fields);
    var example = fields.any("example_data");
    if (example.filter(rows -> !rows.isArray() || length(rows) > LONGEST_EXAMPLE).isPresent()) {
      fields.wrong(
          "example_data",
          "wrong_type",
          "must be a list of rows of at most " + LONGEST_EXAMPLE + " characters.");
    }
    var acl = AclFields.read(fields).orElse(Acl.ADMINISTRATORS);
    fields.done();
    return new Wish(action, type(word), grants, example, acl);
  }

  private static int length(JsonNode rows) {
    return rows.toString().length();
  }

  private static void checkThere(ObjectNode body, String field) {
    var value = body.path(field);
    if (value.isMissingNode()
        || value.isNull()
        || (value.isString() && value.stringValue().isBlank())) {
      throw ApiProblem.badRequest("invalid_input", "No " + field + " provided");
    }
  }

  private static TaskType type(String word) {
    return TaskType.named(word)
        .orElseThrow(
            () ->
                ApiProblem.badRequest(
                    "invalid_input",
                    "Error creating new task: Error generating prompt: task_type must be either"
                        + " 'input' or 'passthrough', or one of 'map', 'filter', 'aggregate'"));
  }

  private static List<Grant> grants(FieldReader fields) {
    var grants = new ArrayList<Grant>();
    var words = fields.texts("grants", 10, 40).orElse(List.of());
    for (var i = 0; i < words.size(); i++) {
      var grant = Grant.named(words.get(i));
      if (grant.isEmpty()) {
        fields.wrong(
            "grants/" + i,
            "unknown_word",
            "must be one of " + String.join(", ", Grant.words()) + ".");
      }
      grant.ifPresent(grants::add);
    }
    return grants.stream().distinct().sorted().toList();
  }
}
