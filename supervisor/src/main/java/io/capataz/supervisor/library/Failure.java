package io.capataz.supervisor.library;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response that is no success, in the form of seed 000's system.
 *
 * @param status always {@code failed}
 * @param message what went wrong and what to do, for people
 * @param code stable, for programs
 * @param errors the fields that are wrong
 * @param error what the function raised
 * @param job the job that ran it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Failure(
    String status,
    String message,
    String code,
    List<Field> errors,
    @Nullable Raised error,
    @Nullable String job) {

  private static final String FAILED = "failed";

  /**
   * A field that is wrong.
   *
   * @param pointer a JSON pointer to it
   */
  record Field(String pointer, String code, String detail) {}

  /**
   * What a function raised.
   *
   * @param type the name of the exception's class
   * @param message what it says
   * @param traceback the lines of the function's own code
   */
  record Raised(String type, String message, String traceback) {}

  static Failure of(ApiProblem problem) {
    return new Failure(
        FAILED,
        problem.detail(),
        problem.code(),
        problem.errors().stream()
            .map(error -> new Field(error.pointer(), error.code(), error.detail()))
            .toList(),
        null,
        null);
  }

  /** Of a job that has ended without a result. */
  static Failure of(String job, String code, String message, @Nullable Raised raised) {
    return new Failure(FAILED, message, code, List.of(), raised, job);
  }
}
