package io.capataz.supervisor.draft;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The form of the model's answers, as a JSON Schema; what it answers is checked against it. */
@Component
class AnswerSchema {

  private static final int MOST_ERRORS = 20;
  private static final int LONGEST_ERROR = 300;

  /** A model's server may refuse a schema that has them; what they say is checked here. */
  private static final Set<String> NOT_SENT =
      Set.of("minLength", "maxLength", "maxItems", "pattern");

  private final JsonNode sent;
  private final Schema schema;

  AnswerSchema() {
    try (var resource =
        Objects.requireNonNull(AnswerSchema.class.getResourceAsStream("answer.schema.json"))) {
      var text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      sent = plain(MessageJson.mapper().readTree(text));
      schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(text, InputFormat.JSON);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode plain(JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      var _ = object.remove(NOT_SENT);
    }
    schema.forEach(AnswerSchema::plain);
    return schema;
  }

  /** What the model is given. */
  JsonNode sent() {
    return sent;
  }

  /**
   * A text that was read.
   *
   * @param errors what is wrong with it; none: it is an answer
   */
  record Read(JsonNode answer, List<String> errors) {
    Read {
      errors = List.copyOf(errors);
    }
  }

  /** Reads an answer; some models put JSON into a fence. */
  Read read(String text) {
    JsonNode answer;
    try {
      answer = MessageJson.mapper().readTree(unfenced(text));
    } catch (JacksonException noJson) {
      return new Read(MessageJson.mapper().missingNode(), List.of("It is not JSON."));
    }
    var errors =
        Stream.concat(schema.validate(answer).stream().map(Object::toString), others(answer));
    return new Read(answer, errors.limit(MOST_ERRORS).map(AnswerSchema::shortened).toList());
  }

  /** What a schema cannot say. */
  private static Stream<String> others(JsonNode answer) {
    var names =
        answer.path("user_inputs").valueStream().map(it -> it.path("name").asString("")).toList();
    return names.stream().distinct().count() < names.size()
        ? Stream.of("/user_inputs: the names must be different")
        : names.contains("input1")
            ? Stream.of("/user_inputs: input1 is no user input")
            : Stream.empty();
  }

  private static String unfenced(String text) {
    var stripped = text.strip();
    if (!stripped.startsWith("```") || !stripped.endsWith("```") || stripped.length() < 7) {
      return stripped;
    }
    return stripped.substring(stripped.indexOf('\n') + 1, stripped.length() - 3);
  }

  private static String shortened(String error) {
    return error.length() <= LONGEST_ERROR ? error : error.substring(0, LONGEST_ERROR) + "…";
  }
}
