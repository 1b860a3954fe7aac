package io.capataz.supervisor.draft;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;

/**
 * The body of a response that is no success, in the form of seed 003's system.
 *
 * @param message what went wrong, for people
 * @param code stable, for programs
 * @param errors the fields that are wrong
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record DraftError(String message, String code, List<Field> errors) {

  /**
   * A field that is wrong.
   *
   * @param pointer a JSON pointer to it
   */
  record Field(String pointer, String code, String detail) {}

  static DraftError of(ApiProblem problem) {
    return new DraftError(
        problem.detail(),
        problem.code(),
        problem.errors().stream()
            .map(error -> new Field(error.pointer(), error.code(), error.detail()))
            .toList());
  }
}
