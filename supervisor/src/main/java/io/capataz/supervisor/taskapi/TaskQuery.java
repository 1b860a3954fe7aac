package io.capataz.supervisor.taskapi;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * What a list of tasks is asked for.
 *
 * @param after the id of the last one that was listed before; null: from the first on
 * @param words values of stored fields, of which one has to match
 * @param times bounds of stored fields
 * @param isLimited whether only a few properties of each are wanted
 */
record TaskQuery(
    int limit,
    int offset,
    @Nullable String after,
    Map<String, List<String>> words,
    Map<String, Range> times,
    boolean isLimited) {

  private static final int MOST = 100;

  private static final int FURTHEST = 100_000;

  /** Parameters for values, and where these are stored. */
  private static final Map<String, String> WORDS =
      Map.of(
          "status", "status",
          "type", "type",
          "project", "said.project",
          "batch", "said.batch",
          "tags", "said.tags",
          "unique_id", "said.uniqueId",
          // Nobody reviews tasks here, so that none has such a status.
          "customer_review_status", "said.review");

  /** Stored fields, and the parameters for their bounds. */
  private static final Map<String, List<String>> TIMES =
      Map.of(
          "created", List.of("start_time", "end_time"),
          "completed", List.of("completed_after", "completed_before"),
          "updated", List.of("updated_after", "updated_before"));

  /** From an instant on, until another. */
  record Range(@Nullable Instant from, @Nullable Instant until) {}

  /**
   * Reads the query.
   *
   * @throws ApiProblem 400, naming each parameter that is wrong
   */
  static TaskQuery read(ApiInput input) {
    var errors = new ArrayList<FieldError>();
    var words = new LinkedHashMap<String, List<String>>();
    WORDS.forEach(
        (name, stored) -> {
          var values = input.query().getOrDefault(name, List.of());
          if (!values.isEmpty()) {
            words.put(stored, name.equals("unique_id") ? values : split(values));
          }
        });
    var times = new LinkedHashMap<String, Range>();
    TIMES.forEach(
        (stored, names) -> {
          var from = time(input, names.getFirst(), errors);
          var until = time(input, names.getLast(), errors);
          if (from != null || until != null) {
            times.put(stored, new Range(from, until));
          }
        });
    var read =
        new TaskQuery(
            number(input, "limit", 1, MOST, MOST, errors),
            number(input, "offset", 0, FURTHEST, 0, errors),
            after(input, errors),
            words,
            times,
            input.queryTruth("limited_response"));
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return read;
  }

  private static List<String> split(List<String> values) {
    return values.stream().flatMap(value -> Arrays.stream(value.split(",", -1))).toList();
  }

  private static @Nullable String after(ApiInput input, List<FieldError> errors) {
    var token = input.queryText("next_token").filter(text -> !text.isEmpty());
    if (token.filter(text -> !text.matches("[0-9a-f]{24}")).isPresent()) {
      errors.add(
          new FieldError(
              "/next_token", "wrong_form", "must be the next_token of the list before."));
      return null;
    }
    return token.orElse(null);
  }

  private static int number(
      ApiInput input, String name, int least, int most, int usual, List<FieldError> errors) {
    var text = input.queryText(name).filter(it -> !it.isEmpty());
    if (text.isEmpty()) {
      return usual;
    }
    if (text.get().matches("[0-9]{1,6}")) {
      var number = Integer.parseInt(text.get());
      if (number >= least && number <= most) {
        return number;
      }
    }
    errors.add(
        new FieldError(
            "/" + name,
            "out_of_range",
            "must be a whole number from " + least + " to " + most + "."));
    return usual;
  }

  private static @Nullable Instant time(ApiInput input, String name, List<FieldError> errors) {
    var text = input.queryText(name).filter(it -> !it.isBlank());
    var read = text.flatMap(TaskQuery::instant);
    if (text.isPresent() && read.isEmpty()) {
      errors.add(
          new FieldError("/" + name, "wrong_form", "must be a time such as 2026-02-03T10:11:12Z."));
    }
    return read.orElse(null);
  }

  /** ISO 8601, with a blank instead of the T, with and without a zone, or a date alone. */
  private static Optional<Instant> instant(String text) {
    var iso = text.strip().replace(' ', 'T');
    try {
      return Optional.of(OffsetDateTime.parse(iso).toInstant());
    } catch (DateTimeParseException noZone) {
      return local(iso.contains("T") ? iso : iso + "T00:00:00");
    }
  }

  private static Optional<Instant> local(String iso) {
    try {
      return Optional.of(LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException noTime) {
      return Optional.empty();
    }
  }

  /** The filter, together with what else it says. */
  Criteria narrow(Criteria which) {
    var narrowed = which;
    for (var word : words.entrySet()) {
      narrowed = narrowed.and(word.getKey()).in(word.getValue());
    }
    for (var time : times.entrySet()) {
      narrowed = narrowed.and(time.getKey());
      if (time.getValue().from() != null) {
        narrowed = narrowed.gte(time.getValue().from());
      }
      if (time.getValue().until() != null) {
        narrowed = narrowed.lt(time.getValue().until());
      }
    }
    return narrowed;
  }
}
