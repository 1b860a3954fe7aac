package io.capataz.supervisor.taskapi;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.task.CallbackUrl;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.taskapi.TaskRecord.Said;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the bodies of this API. What a task is given stands beside what is said about it, under the
 * labels of the task's parameters.
 */
final class TaskBody {

  /** The maximum length of metadata (seed 001). */
  private static final int MOST_METADATA = 10 * 1024;

  private static final int LONGEST_ID = 255;

  private static final int MOST_TAGS = 50;

  private static final int LONGEST_TAG = 100;

  private TaskBody() {}

  /** A task that is to be made. */
  record Asked(RunRequest run, Said said) {}

  static Asked read(Task task, ApiInput input) {
    var body = input.object();
    var labels = task.runParameters().stream().map(Parameter::label);
    var theirs = labels.flatMap(label -> Stream.of(label, label + "[]")).toArray(String[]::new);
    var fields =
        FieldReader.of(body)
            .ignoring("customer", "access_token", "clear_unique_id_on_error")
            .ignoring(theirs);
    var said = said(fields);
    var target = CallbackUrl.read(fields, "callback_url");
    fields.done();
    var arguments =
        Arguments.check(
            task.runParameters(),
            task.runParameters().stream().map(it -> value(body, it)).toList());
    return new Asked(
        new RunRequest(
            arguments.texts(),
            task.policy().priority(),
            null,
            null,
            false,
            arguments.files(),
            List.of(),
            target.orElse(null)),
        said);
  }

  private static Said said(FieldReader fields) {
    return new Said(
        fields.textOrNothing("instruction", 100_000).orElse(null),
        metadata(fields).toString(),
        fields.names("tags", MOST_TAGS, LONGEST_TAG).orElse(null),
        fields.name("unique_id", LONGEST_ID).orElse(null),
        fields.name("project", LONGEST_ID).orElse(null),
        fields.name("batch", LONGEST_ID).orElse(null),
        fields.name("urgency", LONGEST_TAG).orElse(null));
  }

  private static ObjectNode metadata(FieldReader fields) {
    var sent = fields.any("metadata").orElseGet(() -> MessageJson.mapper().createObjectNode());
    if (sent instanceof ObjectNode object && object.toString().length() <= MOST_METADATA) {
      return object;
    }
    fields.wrong(
        "metadata", "wrong_type", "must be an object of at most " + MOST_METADATA + " characters.");
    return MessageJson.mapper().createObjectNode();
  }

  /** A form names a list {@code label[]}; a list or an object becomes JSON. */
  private static JsonNode value(ObjectNode body, Parameter parameter) {
    var label = parameter.label();
    var value = body.has(label) ? body.path(label) : body.path(label + "[]");
    if (value.isMissingNode()) {
      return MessageJson.mapper().nullNode();
    }
    return value.isContainer()
        ? MessageJson.mapper().getNodeFactory().stringNode(value.toString())
        : value;
  }

  /** The metadata in a body: all of it, or its {@code docs}. */
  static ObjectNode metadata(ApiInput input) {
    var body = input.object();
    var metadata = body.size() == 1 && body.get("docs") instanceof ObjectNode docs ? docs : body;
    if (metadata.toString().length() > MOST_METADATA) {
      throw wrong("", "must have at most " + MOST_METADATA + " characters.");
    }
    return metadata;
  }

  /** The tags in a body, which is a list; clients send an empty one as no body. */
  static List<String> tags(ApiInput input) {
    var body = input.body();
    if (body == null || (body instanceof ObjectNode object && object.isEmpty())) {
      return List.of();
    }
    if (!(body instanceof ArrayNode list)
        || list.size() > MOST_TAGS
        || !list.valueStream().allMatch(TaskBody::isTag)) {
      throw wrong(
          "",
          "must be a list of at most "
              + MOST_TAGS
              + " strings of 1 to "
              + LONGEST_TAG
              + " characters.");
    }
    return list.valueStream().map(JsonNode::stringValue).distinct().toList();
  }

  private static boolean isTag(JsonNode tag) {
    return tag.isString()
        && !tag.stringValue().isEmpty()
        && tag.stringValue().length() <= LONGEST_TAG
        && tag.stringValue().chars().noneMatch(Character::isISOControl);
  }

  static String uniqueId(ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var uniqueId = fields.requiredName("unique_id", LONGEST_ID);
    fields.done();
    return uniqueId;
  }

  private static ApiProblem wrong(String pointer, String detail) {
    return ApiProblem.invalid(List.of(new FieldError(pointer, "wrong_type", detail)));
  }

  /** The last word of an error for one field, as seed 001's system says it. */
  static Optional<String> reason(ApiProblem problem) {
    return problem.errors().stream()
        .findFirst()
        .map(
            error ->
                "Parameter is invalid, reason: \""
                    + error.pointer().replaceFirst("^/", "")
                    + "\" "
                    + error.detail());
  }
}
