package io.capataz.supervisor.draft;

import io.capataz.supervisor.web.ApiProblem;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Refusals of seed 003's routes, in the form of its system. */
@RestControllerAdvice(assignableTypes = DraftedTaskController.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class DraftErrorFormat {

  @ExceptionHandler
  ResponseEntity<DraftError> refused(ApiProblem problem) {
    var headers = new HttpHeaders();
    if (problem.status() == HttpStatus.UNAUTHORIZED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    problem
        .retryAfter()
        .ifPresent(seconds -> headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    return ResponseEntity.status(problem.status())
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .body(DraftError.of(problem));
  }
}
