package io.capataz.supervisor.parameter;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiInput.FilePart;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds which value a caller meant for which parameter; whether it fits is another question.
 *
 * <p>Values stand in the order of the parameters that take one. Seed 004's clients count fixed ones
 * too when they stand between others: a list as long as all parameters together is read by place,
 * and what it says at a fixed one's place is passed over. A value may also say itself where it
 * belongs, as {@code {order, value}}; then all of the list must. A file may come as a part of a
 * multipart body that is called by its label, and then is missing in the list. A list that is not
 * there stands for one in which every value is null.
 */
final class RawArguments {

  private static final String FIELD = "task_arguments";

  private final List<Parameter> parameters;
  private final @Nullable Given[] found;
  private final List<FieldError> errors = new ArrayList<>();

  /**
   * A value as sent.
   *
   * @param pointer where it stands in what was sent
   */
  record Given(JsonNode value, String pointer) {}

  private RawArguments(List<Parameter> parameters) {
    this.parameters = parameters;
    this.found = new @Nullable Given[parameters.size()];
  }

  /**
   * The argument values in a request, without fields for addressing and authentication.
   *
   * @throws ApiProblem 400 if they are no list
   */
  static List<JsonNode> sent(ApiInput input) {
    if (input.body() instanceof ArrayNode array) {
      return array.valueStream().toList();
    }
    var sent = input.object().get(FIELD);
    if (sent == null || sent.isNull()) {
      var inQuery = new ArrayList<JsonNode>();
      for (var name : List.of(FIELD, FIELD + "[]")) {
        input
            .query()
            .getOrDefault(name, List.of())
            .forEach(text -> inQuery.add(JsonNodeFactory.instance.stringNode(text)));
      }
      return inQuery;
    }
    if (sent instanceof ArrayNode array) {
      return array.valueStream().toList();
    }
    if (sent.isString() || FilePart.of(sent).isPresent()) {
      // A form with a single value.
      return List.of(sent);
    }
    throw ApiProblem.invalid(
        List.of(new FieldError("/" + FIELD, "wrong_type", "must be a list of values.")));
  }

  /** The files of a multipart body whose parts are named by parameter labels. */
  static Map<String, JsonNode> labelled(List<Parameter> parameters, ApiInput input) {
    var labelled = new HashMap<String, JsonNode>();
    if (input.body() instanceof ObjectNode body) {
      parameters.stream()
          .filter(parameter -> parameter.kind() == Parameter.Kind.FILE)
          .map(Parameter::label)
          .filter(label -> FilePart.of(body.path(label)).isPresent())
          .forEach(label -> labelled.put(label, body.path(label)));
    }
    return labelled;
  }

  /**
   * The value for each parameter, in order; null if there is none.
   *
   * @throws ApiProblem 400 if there are more or fewer, or one belongs nowhere
   */
  static List<Given> placed(
      List<Parameter> parameters, List<JsonNode> sent, Map<String, JsonNode> labelled) {
    var given = new RawArguments(parameters);
    given.byLabel(labelled);
    if (sent.stream().anyMatch(RawArguments::saysItsOrder)) {
      given.byOrder(sent);
    } else {
      given.byPlace(sent);
    }
    if (!given.errors.isEmpty()) {
      throw ApiProblem.invalid(given.errors);
    }
    return given.all();
  }

  private void byLabel(Map<String, JsonNode> labelled) {
    for (var place = 0; place < parameters.size(); place++) {
      var value = labelled.get(parameters.get(place).label());
      if (value != null && takesValue(place)) {
        found[place] =
            new Given(
                value, "/" + parameters.get(place).label().replace("~", "~0").replace("/", "~1"));
      }
    }
  }

  private void byPlace(List<JsonNode> sent) {
    var open =
        IntStream.range(0, parameters.size())
            .filter(place -> takesValue(place) && found[place] == null)
            .boxed()
            .toList();
    if (sent.size() == parameters.size()) {
      open.forEach(place -> give(place, sent.get(place), place));
    } else if (sent.size() == open.size()) {
      for (var i = 0; i < sent.size(); i++) {
        give(open.get(i), sent.get(i), i);
      }
    } else if (!sent.isEmpty()
        || open.stream().anyMatch(place -> parameters.get(place).mustBeGiven())) {
      errors.add(
          new FieldError(
              "/" + FIELD,
              "wrong_count",
              "must have as many values as the task accepts: "
                  + sent.size()
                  + " were sent, expected "
                  + open.size()
                  + (open.isEmpty() ? ". Declare them in the task's task_arguments." : ".")));
    }
  }

  private void byOrder(List<JsonNode> sent) {
    for (var i = 0; i < sent.size(); i++) {
      var item = sent.get(i);
      if (!saysItsOrder(item)) {
        wrong(i, "without_order", "must be {order, value}, like other values in the list.");
        continue;
      }
      var order = item.get("order").longValue();
      var place =
          IntStream.range(0, parameters.size())
              .filter(p -> parameters.get(p).order() == order)
              .findFirst();
      if (place.isEmpty()) {
        wrong(i, "unknown_order", "must have the order of one of the task's arguments.");
      } else if (found[place.getAsInt()] != null) {
        wrong(
            i, "given_twice", "must have a unique order; another value in the list has the same.");
      } else if (takesValue(place.getAsInt())) {
        give(place.getAsInt(), item.get("value"), i);
      }
    }
  }

  private static boolean saysItsOrder(JsonNode item) {
    return item instanceof ObjectNode object
        && object.has("value")
        && object.path("order").isIntegralNumber()
        && object.path("order").canConvertToLong();
  }

  private boolean takesValue(int place) {
    return parameters.get(place).kind() != Parameter.Kind.FIXED;
  }

  private void give(int place, JsonNode value, int index) {
    found[place] = new Given(value, pointer(index));
  }

  private void wrong(int index, String code, String detail) {
    errors.add(new FieldError(pointer(index), code, detail));
  }

  private static String pointer(int index) {
    return "/" + FIELD + "/" + index;
  }

  private List<Given> all() {
    var all = new ArrayList<Given>();
    for (var given : found) {
      all.add(given == null ? new Given(NullNode.getInstance(), "/" + FIELD) : given);
    }
    return Collections.unmodifiableList(all);
  }
}
