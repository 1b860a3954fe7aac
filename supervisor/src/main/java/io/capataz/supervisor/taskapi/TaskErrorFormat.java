package io.capataz.supervisor.taskapi;

import io.capataz.supervisor.web.ApiProblem;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Refusals of this package's routes, in the form of seed 001's system. */
@RestControllerAdvice(assignableTypes = TaskApiController.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class TaskErrorFormat {

  @ExceptionHandler
  ResponseEntity<TaskError> refused(ApiProblem problem) {
    var headers = new HttpHeaders();
    if (problem.status() == HttpStatus.UNAUTHORIZED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    problem
        .retryAfter()
        .ifPresent(seconds -> headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    return ResponseEntity.status(problem.status()).headers(headers).body(TaskError.of(problem));
  }
}
