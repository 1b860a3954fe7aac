package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.draft.Drafting.Frame;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An approved version as a body of {@code POST /library}. All of it follows from the draft's id and
 * from the files whose digest was approved.
 */
final class RegistrationBody {

  private static final String LIBRARY = "drafts";
  private static final String DATA = "input1";

  /** The types of user inputs, as parameters of API tasks have them. */
  private static final Map<String, String> TYPES =
      Map.of("string", "str", "int", "int", "float", "float", "bool", "bool", "date", "date");

  private static final String WRAPPER = Rail.resource("wrapper.py");

  private RegistrationBody() {}

  static ObjectNode of(Draft draft, DraftFiles files) {
    var facts = MessageJson.mapper().readTree(files.text(DraftFiles.FACTS).orElse("{}"));
    var inputs =
        MessageJson.mapper()
            .readTree(files.text(DraftFiles.METADATA).orElse("{}"))
            .path("user_inputs");
    var takesData = Frame.of(files).type().takesData();
    var body = MessageJson.mapper().createObjectNode();
    body.put("libraryName", LIBRARY).put("name", name(draft));
    body.put("source", source(draft, files, inputs, takesData));
    body.put(
        "description",
        "%s. %s".formatted(facts.path("task_name").asString(), facts.path("task_text").asString()));
    body.put("sourceControl", "view").put("apiAccess", true).put("deployable", true);
    body.putArray("tags").add("draft");
    var run = body.putArray("endpoints").addObject().put("name", "run");
    var parameters = run.putArray("parameters");
    inputs
        .properties()
        .forEach(
            input ->
                parameters
                    .addObject()
                    .put("name", input.getKey())
                    .put("type", type(input.getValue())));
    if (takesData) {
      parameters.addObject().put("name", DATA).put("type", "json");
    }
    return body;
  }

  /** The same for all versions, whatever the model calls them. */
  private static String name(Draft draft) {
    return "task_" + draft.id().replace("-", "").substring(0, 16);
  }

  private static String type(JsonNode input) {
    return TYPES.getOrDefault(input.path("type").asString(""), "str");
  }

  private static String source(Draft draft, DraftFiles files, JsonNode inputs, boolean takesData) {
    var names = inputs.propertyStream().map(Map.Entry::getKey).toList();
    var typed =
        inputs
            .propertyStream()
            .map(input -> input.getKey() + ": " + annotation(type(input.getValue())))
            .collect(Collectors.joining(", "));
    var data = takesData ? (names.isEmpty() ? "" : ", ") + DATA : "";
    var given = names.stream().map(it -> "\"" + it + "\": " + it).collect(Collectors.joining(", "));
    return files.function()
        + WRAPPER
            .replace("@ID@", draft.id())
            .replace("@DIGEST@", files.digest())
            .replace("@TYPE@", Frame.of(files).type().word())
            .replace("@NAME@", name(draft))
            .replace("@PANDAS@", usesPandas(files) ? "True" : "False")
            .replace("@PARAMETERS@", typed + data)
            .replace("@GIVEN@", given)
            .replace("@DATA@", takesData ? DATA : "None");
  }

  private static String annotation(String type) {
    return type.equals("date") ? "_capataz_date" : type;
  }

  private static boolean usesPandas(DraftFiles files) {
    return files.text(DraftFiles.REQUIREMENTS).orElse("").lines().anyMatch("pandas"::equals);
  }
}
