package io.capataz.supervisor.run;

import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.task.CallbackUrl;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the options of runs: besides the arguments these are {@code priority}, {@code not_before}
 * and {@code start_by} (RFC 3339 instants), {@code hold}, and {@code callback_url}.
 */
final class RunFields {

  /** The maximum number of runs in a batch. */
  private static final int MOST_RUNS = 1_000;

  /** How far in the future a job of a secret key may begin. */
  private static final Duration FURTHEST_BY_KEY = Duration.ofDays(1);

  private static final String WAIT = "wait_result";

  private RunFields() {}

  /**
   * Reads one run. The only other fields are those for addressing, authentication and waiting, and
   * the files of a multipart body that are named by their parameters.
   *
   * @throws ApiProblem 400, naming what is wrong
   */
  static RunRequest one(Task task, ApiInput input) {
    if (!(input.body() instanceof ObjectNode)) {
      var arguments = Arguments.read(task.runParameters(), input);
      return new RunRequest(
          arguments.texts(),
          task.policy().priority(),
          null,
          null,
          false,
          arguments.files(),
          List.of(),
          null);
    }
    var body = input.object().deepCopy();
    var fields =
        FieldReader.of(body)
            .ignoring("task_arguments", "task", "customer", "access_token", "empty_viewers")
            .ignoring(Arguments.fileLabels(task.parameters(), input).toArray(String[]::new));
    if (fields.any(WAIT).filter(said -> truth(said).isEmpty()).isPresent()) {
      fields.wrong(WAIT, "wrong_type", "must be true or false.");
    }
    lifecycle(body, fields);
    return strictly(task, new ApiInput(body, input.query()), fields);
  }

  /** Clients of seed 004's system hold a job with {@code lifecycle: onhold}. */
  private static void lifecycle(ObjectNode body, FieldReader fields) {
    var lifecycle = fields.text("lifecycle", 30).orElse("ready");
    switch (lifecycle) {
      case "ready" -> {}
      case "onhold" -> {
        if (!fields.has("hold")) {
          body.put("hold", true);
        } else if (!body.get("hold").asBoolean(true)) {
          fields.wrong("lifecycle", "conflict", "must not be onhold if hold is false.");
        }
      }
      default -> fields.wrong("lifecycle", "unknown_word", "must be ready or onhold.");
    }
  }

  /**
   * Checks what the holder of a secret key asks for. A key runs a task; when and in which order
   * jobs run, and which of them wait, is for the organization to decide.
   *
   * @throws ApiProblem 400, naming what is not a key holder's to choose
   */
  static void checkKeyHolder(ApiInput input, RunRequest run, Instant now) {
    var errors = new ArrayList<FieldError>();
    if (input.body() instanceof ObjectNode body && body.hasNonNull("priority")) {
      errors.add(needsToken("/priority"));
    }
    if (run.hold()) {
      errors.add(needsToken("/hold"));
    }
    if (run.notBefore() != null && run.notBefore().isAfter(now.plus(FURTHEST_BY_KEY))) {
      errors.add(
          new FieldError(
              "/not_before",
              "too_far",
              "must be at most 24 hours from now for a run with a secret key; use a token."));
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
  }

  private static FieldError needsToken(String pointer) {
    return new FieldError(
        pointer, "needs_token", "must be left out for a run with a secret key; use a token.");
  }

  private static RunRequest read(Task task, Arguments arguments, FieldReader fields) {
    var priority = fields.whole("priority", -Task.MOST_PRIORITY, Task.MOST_PRIORITY);
    var notBefore = fields.instant("not_before");
    var startBy = fields.instant("start_by");
    var hold = fields.truth("hold");
    if (notBefore.isPresent() && startBy.isPresent() && !startBy.get().isAfter(notBefore.get())) {
      fields.wrong("start_by", "conflict", "must be after not_before.");
    }
    checkWhatWaits(task, fields, hold);
    return new RunRequest(
        arguments.texts(),
        (int) priority.orElse(task.policy().priority()),
        notBefore.orElse(null),
        startBy.orElse(null),
        hold.orElse(false),
        arguments.files(),
        List.of(),
        CallbackUrl.read(fields, "callback_url").orElse(null));
  }

  /** What nobody claims begins to wait at once, and is not held by hand. */
  private static void checkWhatWaits(Task task, FieldReader fields, Optional<Boolean> hold) {
    var type = task.action().kind().type();
    switch (task.action().doneBy()) {
      case AGENT, SUPERVISOR -> {}
      case PEOPLE -> {
        if (fields.has("not_before")) {
          fields.wrong(
              "not_before",
              "not_for_this_type",
              "must be left out for a task of type " + type + ".");
        }
      }
      case CLOCK -> {
        if (hold.equals(Optional.of(true))) {
          fields.wrong(
              "hold", "not_for_this_type", "must be left out for a task of type " + type + ".");
        }
      }
    }
  }

  /**
   * Reads the runs of a batch, {@code {runs: [{task_arguments, …}, …]}}.
   *
   * @throws ApiProblem 400, naming everything that is wrong in any of them
   */
  static List<RunRequest> batch(Task task, ApiInput input) {
    var runs = new ArrayList<RunRequest>();
    var errors = new ArrayList<FieldError>();
    var body = input.object();
    if (!(body.get("runs") instanceof ArrayNode items) || items.size() > MOST_RUNS) {
      errors.add(
          new FieldError(
              "/runs", "wrong_type", "must be a list of at most " + MOST_RUNS + " runs."));
    } else if (items.isEmpty()) {
      errors.add(new FieldError("/runs", "empty", "must contain at least one run."));
    } else {
      for (var i = 0; i < items.size(); i++) {
        var pointer = "/runs/" + i;
        if (items.get(i) instanceof ObjectNode item) {
          collected(pointer, errors, () -> item(task, item)).ifPresent(runs::add);
        } else {
          errors.add(new FieldError(pointer, "wrong_type", "must be an object."));
        }
      }
    }
    var _ =
        collected(
            "",
            errors,
            () -> {
              FieldReader.of(body).ignoring("runs", "customer", "access_token").done();
              return true;
            });
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return runs;
  }

  private static RunRequest item(Task task, ObjectNode item) {
    return strictly(
        task, new ApiInput(item, Map.of()), FieldReader.of(item).ignoring("task_arguments"));
  }

  /** Reads a run whose body contains nothing else; reports all mistakes at once. */
  private static RunRequest strictly(Task task, ApiInput input, FieldReader fields) {
    var errors = new ArrayList<FieldError>();
    var arguments =
        collected("", errors, () -> Arguments.read(task.runParameters(), input))
            .orElseGet(() -> new Arguments(List.of(), List.of()));
    var run =
        collected(
            "",
            errors,
            () -> {
              var read = read(task, arguments, fields);
              fields.done();
              return read;
            });
    return run.filter(_ -> errors.isEmpty()).orElseThrow(() -> ApiProblem.invalid(errors));
  }

  /** The result of reading; its mistakes are added to the others, prefixed with its position. */
  private static <T> Optional<T> collected(
      String pointer, List<FieldError> errors, Supplier<T> reading) {
    try {
      return Optional.of(reading.get());
    } catch (ApiProblem wrong) {
      wrong
          .errors()
          .forEach(e -> errors.add(new FieldError(pointer + e.pointer(), e.code(), e.detail())));
      return Optional.empty();
    }
  }

  /**
   * Whether the response should redirect to the result; {@code wait_result}, in the body or the
   * query. {@link #one} has checked it.
   */
  static boolean waitsForResult(ApiInput input) {
    if (input.queryTruth(WAIT)) {
      return true;
    }
    var said = input.body() instanceof ObjectNode body ? body.get(WAIT) : null;
    if (said == null || said.isNull()) {
      return false;
    }
    return truth(said).orElse(false);
  }

  /** True or false, also as text, which is what forms contain. */
  private static Optional<Boolean> truth(JsonNode said) {
    if (said.isBoolean()) {
      return Optional.of(said.booleanValue());
    }
    return said.isString() && List.of("true", "false").contains(said.stringValue())
        ? Optional.of(said.stringValue().equals("true"))
        : Optional.empty();
  }

  /**
   * Reads a request to restart a job; omitted options are those of the job.
   *
   * @param given what the job's script was given
   * @param files the job's
   * @throws ApiProblem 400, naming what is wrong
   */
  static RunRequest again(
      Task task, Job job, List<String> given, List<FileArgument> files, ApiInput input) {
    var body = input.object().deepCopy();
    var asBefore =
        !body.hasNonNull("task_arguments")
            && !input.query().containsKey("task_arguments")
            && !input.query().containsKey("task_arguments[]");
    if (asBefore) {
      var arguments = new ArrayList<>(given);
      files.forEach(file -> arguments.set(file.place(), dataUrl(file)));
      var again = body.putArray("task_arguments");
      arguments.forEach(again::add);
    }
    if (!body.hasNonNull("priority")) {
      body.put("priority", job.placement().priority());
    }
    if (!body.hasNonNull("callback_url") && job.spec().callbackUrl() != null) {
      body.put("callback_url", job.spec().callbackUrl());
    }
    var run =
        strictly(
            task,
            new ApiInput(body, input.query()),
            FieldReader.of(body).ignoring("task_arguments", "customer", "access_token"));
    // What was a secret when it was given stays one, whatever the task says by now.
    return asBefore ? run.masking(job.spec().maskedArguments()) : run;
  }

  private static String dataUrl(FileArgument file) {
    return "data:application/octet-stream;name="
        + file.filename()
        + ";base64,"
        + Base64.getEncoder().encodeToString(file.content().toArray());
  }

  /**
   * The new arguments of a held job: {@code task_arguments}, or {@code args} in seed 004's system.
   *
   * @throws ApiProblem 400, naming what is wrong
   */
  static Arguments instead(Task task, ApiInput input) {
    if (input.body() instanceof ArrayNode) {
      return Arguments.read(task.parameters(), input);
    }
    var body = input.object().deepCopy();
    var fields =
        FieldReader.of(body).ignoring("task_arguments", "args", "customer", "access_token");
    if (body.has("args") == body.has("task_arguments")) {
      fields.wrong(
          "task_arguments", "required", "is required unless args is sent; send only one of them.");
    }
    fields.done();
    if (body.has("args")) {
      body.set("task_arguments", body.get("args"));
    }
    return Arguments.read(task.parameters(), new ApiInput(body, Map.of()));
  }
}
