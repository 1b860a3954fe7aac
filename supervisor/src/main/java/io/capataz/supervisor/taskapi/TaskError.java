package io.capataz.supervisor.taskapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;

/**
 * The body of a response that is no success, in the form of seed 001's system.
 *
 * @param error what went wrong, for people
 * @param code stable, for programs
 * @param errors the fields that are wrong
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record TaskError(String error, int statusCode, String code, List<Field> errors) {

  /**
   * A field that is wrong.
   *
   * @param pointer a JSON pointer to it
   */
  record Field(String pointer, String code, String detail) {}

  static TaskError of(ApiProblem problem) {
    return new TaskError(
        TaskBody.reason(problem).orElse(problem.detail()),
        problem.status().value(),
        problem.code(),
        problem.errors().stream()
            .map(error -> new Field(error.pointer(), error.code(), error.detail()))
            .toList());
  }
}
