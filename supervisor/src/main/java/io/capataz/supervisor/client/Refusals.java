package io.capataz.supervisor.client;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.HandlerMethod;

/** Refusals of this package's routes, in the form of seed 002's system. */
@RestControllerAdvice(assignableTypes = {StateTaskController.class, DirectTaskController.class})
@Order(Ordered.HIGHEST_PRECEDENCE)
class Refusals {

  /**
   * A refusal.
   *
   * @param error always true, for clients with a token; for others absent, as are the next three
   * @param code the status
   * @param message the same as {@code detail}
   * @param data always empty
   * @param errors the parts of the request that are wrong, if it is about some
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Refusal(
      @Nullable Boolean error,
      @Nullable Integer code,
      @Nullable String message,
      @Nullable Map<String, String> data,
      Object detail,
      @Nullable List<Part> errors) {}

  /**
   * A part of a request that is wrong.
   *
   * @param pointer a JSON pointer to it
   */
  record Part(String pointer, String code, String detail) {}

  @ExceptionHandler
  ResponseEntity<Refusal> refused(ApiProblem problem, HandlerMethod route) {
    var headers = new HttpHeaders();
    problem
        .retryAfter()
        .ifPresent(seconds -> headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    return ResponseEntity.status(problem.status())
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .body(body(problem, route));
  }

  private static Refusal body(ApiProblem problem, HandlerMethod route) {
    var errors =
        problem.errors().isEmpty()
            ? null
            : problem.errors().stream()
                .map(error -> new Part(error.pointer(), error.code(), error.detail()))
                .toList();
    var detail = problem.detail();
    return DirectTaskController.class.isAssignableFrom(route.getBeanType())
        ? new Refusal(null, null, null, null, detail, errors)
        : new Refusal(true, problem.status().value(), detail, Map.of(), detail, errors);
  }

  @ExceptionHandler
  ResponseEntity<Refusal> invalid(InvalidBody body) {
    return ResponseEntity.status(HttpStatus.UNPROCESSABLE_CONTENT)
        .contentType(MediaType.APPLICATION_JSON)
        .body(new Refusal(null, null, null, null, body.detail(), null));
  }
}
