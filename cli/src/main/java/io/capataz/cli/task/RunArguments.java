package io.capataz.cli.task;

import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Terminal;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Option;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The arguments of a run, by the labels of the parameters or in their order. A value may come from
 * a file, from standard input or from a variable, so that it stands in no list of processes.
 */
public final class RunArguments {

  /** How arguments are given. */
  public static final List<Option> OPTIONS =
      List.of(
          Option.of("arg", "LABEL=VALUE", "an argument by the label or the number of its parameter")
              .repeated(),
          Option.of("arg-file", "LABEL=FILE", "one whose value is in a file, - for standard input")
              .repeated(),
          Option.of("arg-env", "LABEL=VARIABLE", "one whose value is in a variable").repeated());

  private final Terminal terminal;
  private final List<JsonNode> parameters;

  private RunArguments(Terminal terminal, JsonNode parameters) {
    this.terminal = terminal;
    this.parameters =
        parameters
            .valueStream()
            .filter(it -> !it.path("type").asString("").equals("fixed"))
            .toList();
  }

  /**
   * What was given, as the API takes it; empty if nothing was.
   *
   * @param parameters {@code task_arguments} of the task or workflow
   * @param position of the values that are given in the order of the parameters
   */
  public static Optional<ArrayNode> of(Call call, JsonNode parameters, int position) {
    return new RunArguments(call.terminal(), parameters).read(call, call.arguments(position));
  }

  private Optional<ArrayNode> read(Call call, List<String> inOrder) {
    Map<Integer, List<String>> byOrder = new LinkedHashMap<>();
    call.all("arg").forEach(it -> put(byOrder, it, (_, value) -> value));
    call.all("arg-env").forEach(it -> put(byOrder, it, (_, name) -> variable(name)));
    call.all("arg-file").forEach(it -> put(byOrder, it, this::content));
    if (!inOrder.isEmpty() && !byOrder.isEmpty()) {
      throw Failure.usage("Give arguments either in order or by their labels, not both.");
    }
    ArrayNode list = MessageJson.mapper().createArrayNode();
    inOrder.forEach(list::add);
    byOrder.forEach(
        (order, values) -> {
          ObjectNode entry = list.addObject().put("order", order);
          if (values.size() == 1) {
            entry.put("value", values.getFirst());
          } else {
            values.forEach(entry.putArray("value")::add);
          }
        });
    return list.isEmpty() ? Optional.empty() : Optional.of(list);
  }

  /** Turns what stands behind the equals sign into a value. */
  private interface Source {
    String value(JsonNode parameter, String word);
  }

  private void put(Map<Integer, List<String>> values, String pair, Source source) {
    int sign = pair.indexOf('=');
    if (sign < 1) {
      // What was typed may be a secret without its label.
      throw Failure.usage("An argument must be LABEL=VALUE. Labels: %s.".formatted(labels()));
    }
    JsonNode parameter = parameter(pair.substring(0, sign));
    List<String> known =
        values.computeIfAbsent(parameter.path("order").asInt(0), _ -> new ArrayList<>());
    if (!known.isEmpty() && !parameter.path("multiple").asBoolean(false)) {
      throw Failure.usage("'%s' is given twice.".formatted(pair.substring(0, sign)));
    }
    known.add(source.value(parameter, pair.substring(sign + 1)));
  }

  private JsonNode parameter(String word) {
    List<JsonNode> found = parameters.stream().filter(it -> isCalled(it, word)).toList();
    if (found.size() != 1) {
      throw Failure.usage(
          (found.isEmpty() ? "There is no parameter '%s'." : "More than one parameter is '%s'.")
                  .formatted(word)
              + " Labels: %s.".formatted(labels()));
    }
    return found.getFirst();
  }

  private static boolean isCalled(JsonNode parameter, String word) {
    return parameter.path("label").asString("").equalsIgnoreCase(word)
        || parameter.path("order").asString("").equals(word);
  }

  private String labels() {
    List<String> labels = parameters.stream().map(it -> it.path("label").asString("")).toList();
    return labels.isEmpty() ? "none, for nothing is declared" : String.join(", ", labels);
  }

  private String variable(String name) {
    return terminal
        .variable(name)
        .orElseThrow(() -> Failure.usage("The variable %s is not set.".formatted(name)));
  }

  private String content(JsonNode parameter, String file) {
    if (parameter.path("type").asString("").equals("file")) {
      return "data:application/octet-stream;name=%s;base64,%s"
          .formatted(fileName(file), Base64.getEncoder().encodeToString(bytes(file)));
    }
    String text = new String(bytes(file), StandardCharsets.UTF_8);
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private static String fileName(String file) {
    Path name = Path.of(file).getFileName();
    return name == null || file.equals("-")
        ? "stdin"
        : name.toString().replaceAll("[^A-Za-z0-9._-]", "_");
  }

  private byte[] bytes(String file) {
    try {
      return file.equals("-") ? terminal.in().readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw Failure.usage(
          "The file %s cannot be read (%s).".formatted(file, e.getClass().getSimpleName()));
    }
  }
}
