package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.draft.DraftFiles.File;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What the model has written, checked against the schema.
 *
 * @param name of the task
 * @param text what it does, for people
 * @param inputs what a user enters
 * @param packages what it needs besides Python's own library
 * @param function the text of {@code function.py}
 * @param tests the text of {@code test_function.py}
 */
record Proposal(
    String name,
    String text,
    List<Input> inputs,
    List<String> packages,
    String function,
    String tests) {

  Proposal {
    inputs = List.copyOf(inputs);
    packages = List.copyOf(packages);
  }

  /** What a user enters; its type is {@code string}, {@code int}, {@code float} and so on. */
  record Input(String name, String type, String description) {}

  static Proposal of(JsonNode answer) {
    var inputs = new ArrayList<Input>();
    for (var input : answer.path("user_inputs")) {
      inputs.add(
          new Input(
              input.path("name").asString(),
              input.path("type").asString(),
              input.path("description").asString()));
    }
    return new Proposal(
        answer.path("task_name").asString().strip(),
        answer.path("task_text").asString().strip(),
        inputs,
        answer.path("packages_used").valueStream().map(JsonNode::asString).distinct().toList(),
        lines(answer.path("python_function").asString()),
        lines(answer.path("python_tests").asString()));
  }

  private static String lines(String text) {
    return text.replace("\r\n", "\n").strip() + "\n";
  }

  /** The files of a version; all that decides what runs is in them. */
  List<File> files(TaskType type, List<Grant> grants) {
    return List.of(
        new File(DraftFiles.FUNCTION, function),
        new File(DraftFiles.METADATA, metadata()),
        new File(DraftFiles.PACKAGE, ""),
        new File(DraftFiles.FACTS, facts(type, grants)),
        new File(DraftFiles.TESTS, tests),
        new File(
            DraftFiles.REQUIREMENTS,
            packages.stream().map(name -> name + "\n").collect(Collectors.joining())));
  }

  /** As Python's json.dump writes what seed 003's system keeps, and nothing else. */
  private String metadata() {
    var entries =
        inputs.stream()
            .map(
                input ->
                    "%s: {\"type\": %s, \"description\": %s}"
                        .formatted(
                            json(input.name()), json(input.type()), json(input.description())))
            .collect(Collectors.joining(", "));
    var used = packages.stream().map(Proposal::json).collect(Collectors.joining(", "));
    return "{\"user_inputs\": {%s}, \"packages_used\": [%s]}".formatted(entries, used);
  }

  private static String json(String text) {
    return MessageJson.mapper().writeValueAsString(text);
  }

  private String facts(TaskType type, List<Grant> grants) {
    var facts = MessageJson.mapper().createObjectNode();
    facts.put("task_name", name).put("task_text", text).put("task_type", type.word());
    grants.stream().map(Grant::word).forEach(facts.putArray("grants")::add);
    return facts.toPrettyString() + "\n";
  }
}
