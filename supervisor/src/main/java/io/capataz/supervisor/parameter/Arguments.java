package io.capataz.supervisor.parameter;

import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.script.Filename;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiInput.FilePart;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.DataUrl;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/**
 * The arguments of a job, validated against the declared parameters before the job is created.
 *
 * @param texts complete and in order; empty at the position of a file
 * @param files those that are files
 */
public record Arguments(List<String> texts, List<FileArgument> files) {

  /** The maximum length of one argument. */
  static final int MAX_LENGTH = 100_000;

  /** The maximum size of one argument, or of a variable with its name: Linux's limit. */
  public static final int MAX_BYTES = 128 * 1024 - 1;

  /**
   * The maximum size of all arguments; Linux allows twice as much for arguments and environment.
   */
  public static final int MAX_BYTES_TOGETHER = 1024 * 1024;

  /** The maximum size of one file. */
  public static final int MAX_FILE_BYTES = 1024 * 1024;

  /** The maximum size of all files; base64 makes them a third longer, and bodies are bounded. */
  public static final int MAX_FILE_BYTES_TOGETHER = 4 * MAX_FILE_BYTES;

  public Arguments {
    texts = List.copyOf(texts);
    files = List.copyOf(files);
  }

  /**
   * What another one has returned, as the arguments of the next: by position, what is too much is
   * dropped, and what is missing has no value.
   */
  public static List<JsonNode> fitted(List<JsonNode> given, List<Parameter> parameters) {
    if (given.size() == parameters.size()) {
      return given;
    }
    var open =
        parameters.stream().filter(parameter -> parameter.kind() != Parameter.Kind.FIXED).count();
    var none = Stream.generate(NullNode::getInstance);
    return Stream.concat(given.stream(), none).limit(open).toList();
  }

  /**
   * The arguments in a request.
   *
   * @throws ApiProblem 400, naming each argument that is wrong and why
   */
  public static Arguments read(List<Parameter> parameters, ApiInput input) {
    return check(parameters, RawArguments.sent(input), RawArguments.labelled(parameters, input));
  }

  /** The fields of a multipart body that contain the files of the parameters with these names. */
  public static Set<String> fileLabels(List<Parameter> parameters, ApiInput input) {
    return RawArguments.labelled(parameters, input).keySet();
  }

  /**
   * The job's arguments.
   *
   * @param given the caller's values: strings, or values of another JSON type; null: no value
   * @throws ApiProblem 400, naming each argument that is wrong and why
   */
  public static Arguments check(List<Parameter> parameters, List<JsonNode> given) {
    return check(parameters, given, Map.of());
  }

  private static Arguments check(
      List<Parameter> parameters, List<JsonNode> given, Map<String, JsonNode> labelled) {
    var placed = RawArguments.placed(parameters, given, labelled);
    var errors = new ArrayList<FieldError>();
    var arguments = new ArrayList<String>();
    var files = new ArrayList<FileArgument>();
    for (var place = 0; place < parameters.size(); place++) {
      var parameter = parameters.get(place);
      if (parameter.kind() == Parameter.Kind.FIXED) {
        arguments.add(parameter.value() == null ? "" : parameter.value());
        continue;
      }
      var pointer = placed.get(place).pointer();
      var value = placed.get(place).value();
      if (parameter.kind() == Parameter.Kind.FILE) {
        file(parameter, place, value, pointer, errors).ifPresent(files::add);
        arguments.add("");
        continue;
      }
      switch (ArgumentCheck.check(parameter, value)) {
        case ArgumentCheck.Fits(String text) -> arguments.add(text);
        case ArgumentCheck.Wrong(String code, String detail) ->
            errors.add(new FieldError(pointer, code, detail));
      }
    }
    if (arguments.stream().mapToLong(Arguments::bytes).sum() > MAX_BYTES_TOGETHER) {
      errors.add(
          new FieldError(
              "/task_arguments",
              "too_long",
              "must have at most " + MAX_BYTES_TOGETHER + " bytes in total; use a file or a URL."));
    }
    if (files.stream().mapToLong(f -> f.content().length()).sum() > MAX_FILE_BYTES_TOGETHER) {
      errors.add(
          new FieldError(
              "/task_arguments",
              "too_long",
              "must contain at most "
                  + MAX_FILE_BYTES_TOGETHER
                  + " bytes of files in total; use a URL."));
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return new Arguments(arguments, files);
  }

  private static Optional<FileArgument> file(
      Parameter parameter, int place, JsonNode sent, String pointer, List<FieldError> errors) {
    if (sent.isNull() || (sent.isString() && sent.stringValue().isEmpty())) {
      if (parameter.required()) {
        errors.add(new FieldError(pointer, "required", "'" + parameter.label() + "' is required."));
      }
      return Optional.empty();
    }
    var read =
        FilePart.of(sent)
            .or(
                () ->
                    DataUrl.read(sent.asString(""))
                        .map(url -> new FilePart(url.name(), null, url.content())));
    if (read.isEmpty()) {
      errors.add(
          new FieldError(
              pointer,
              "invalid_data_url",
              "'"
                  + parameter.label()
                  + "' must be a file: a data URL, "
                  + DataUrl.FORM
                  + ", or a part of a multipart body."));
    } else if (read.get().content().length() > MAX_FILE_BYTES) {
      errors.add(
          new FieldError(
              pointer,
              "too_long",
              "'"
                  + parameter.label()
                  + "' must have at most "
                  + MAX_FILE_BYTES
                  + " bytes; use a URL."));
    }
    return read.map(
        file -> new FileArgument(place, Filename.madeOf(file.filename()), file.content()));
  }

  /** The size of a string in argv or environment, without its final NUL. */
  public static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
