package io.capataz.cli.migrate;

import io.capataz.common.protocol.MessageJson;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The options of a job: parameters of a task, and variables in its scripts. */
final class RundeckOptions {

  private static final Pattern USED =
      Pattern.compile("\\$\\{option\\.([^}\\s]+)}|@option\\.([^@\\s]+)@");

  private final Imported imported;
  private final String job;
  private final List<JsonNode> options;

  RundeckOptions(Imported imported, String job, JsonNode options) {
    this.imported = imported;
    this.job = job;
    this.options = options.valueStream().toList();
  }

  boolean isEmpty() {
    return options.isEmpty();
  }

  void putInto(ObjectNode definition) {
    if (!isEmpty()) {
      ArrayNode parameters = definition.putArray("task_arguments");
      options.forEach(option -> parameters.add(parameter(option)));
    }
  }

  /** What a step of a workflow is given: each parameter what the run has. */
  void passTo(ObjectNode step) {
    if (!isEmpty()) {
      ObjectNode arguments = step.putObject("arguments");
      names().forEach(name -> arguments.put(name, "/arguments/" + escaped(name)));
    }
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private Stream<String> names() {
    return options.stream().map(option -> option.path("name").asString(""));
  }

  private ObjectNode parameter(JsonNode option) {
    String name = option.path("name").asString("");
    ObjectNode parameter = MessageJson.mapper().createObjectNode();
    boolean isFile = option.path("type").asString("").equals("file");
    boolean isChoice = option.path("enforced").asBoolean(false) && option.path("values").isArray();
    parameter.put("type", isFile ? "file" : isChoice ? "select" : "input").put("label", name);
    if (option.hasNonNull("description")) {
      parameter.put("help", option.path("description").asString(""));
    }
    if (!option.path("required").asBoolean(false)) {
      parameter.put("required", false);
    }
    if (option.path("secure").asBoolean(false)) {
      parameter.put("masked", true);
    } else if (option.hasNonNull("value") && !isFile) {
      parameter.put("default", option.path("value").asString(""));
    }
    if (isChoice) {
      parameter.set("options", option.path("values"));
    } else if (option.hasNonNull("regex") && !isFile) {
      parameter.put("pattern", "^(?:%s)$".formatted(option.path("regex").asString("")));
    }
    left(name, option);
    return parameter;
  }

  private void left(String name, JsonNode option) {
    for (String field : List.of("multivalued", "isDate", "hidden")) {
      if (option.path(field).asBoolean(false)) {
        imported.note(job, "option %s: %s is not carried over.".formatted(name, field));
      }
    }
    if (option.hasNonNull("valuesUrl")) {
      imported.note(
          job, "option %s: its values came from a URL; any value will do now.".formatted(name));
    }
    if (option.hasNonNull("storagePath")) {
      imported.note(
          job,
          "option %s: its value came from the key storage; use a credential of the task."
              .formatted(name));
    }
  }

  /** A shell script in which options are variables, as Rundeck calls them. */
  String shell(String script) {
    int body = script.startsWith("#!") ? script.indexOf('\n') + 1 : 0;
    String head = body == 0 ? "#!/bin/sh\n" : script.substring(0, body);
    List<String> names = names().toList();
    String variables =
        IntStream.range(0, names.size())
            .mapToObj(i -> "export %s=\"${%d}\"\n".formatted(variable(names.get(i)), i + 1))
            .collect(Collectors.joining());
    String text =
        USED.matcher(script.substring(body))
            .replaceAll(used -> Matcher.quoteReplacement(replaced(used.group(1), used.group(2))));
    return head + variables + text + (text.endsWith("\n") ? "" : "\n");
  }

  private String replaced(String inBraces, String inSigns) {
    String name = inBraces == null ? inSigns : inBraces;
    imported.note(
        job,
        "option %s was put into the text of the script and is a variable now; check the quotes."
            .formatted(name));
    return "${" + variable(name) + "}";
  }

  private static String variable(String option) {
    return "RD_OPTION_" + option.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }
}
