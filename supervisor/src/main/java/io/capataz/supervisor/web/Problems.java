package io.capataz.supervisor.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.MessageJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Renders every exception as {@code application/problem+json}; never a stack trace, never HTML. */
@RestControllerAdvice
public class Problems {

  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  /**
   * The body of an unsuccessful response; RFC 9457 with {@code code} and {@code errors}.
   *
   * @param message the same as {@code detail}, for seed 004's clients
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Problem(
      String type,
      String title,
      int status,
      String code,
      String detail,
      String message,
      List<Field> errors) {
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Field(String pointer, String code, String detail) {}
  }

  @ExceptionHandler
  ResponseEntity<Problem> known(ApiProblem problem) {
    return answer(problem, new HttpHeaders());
  }

  @ExceptionHandler
  ResponseEntity<Problem> unreadable(HttpMessageNotReadableException unreadable) {
    log.atDebug().setCause(unreadable).log("unreadable message");
    return answer(
        ApiProblem.badRequest("unreadable_message", "The body is not valid JSON for this route."),
        new HttpHeaders());
  }

  @ExceptionHandler
  ResponseEntity<Problem> unsupported(HttpMediaTypeNotSupportedException unsupported) {
    return answer(
        ApiProblem.unsupportedType("This route accepts application/json only."), new HttpHeaders());
  }

  /** The store is unavailable. A retry makes sense; what was asked for may have been done. */
  @ExceptionHandler
  ResponseEntity<Problem> storeAway(DataAccessResourceFailureException failure) {
    log.atWarn().addKeyValue("failure", failure.toString()).log("store not responding");
    return answer(
        ApiProblem.unavailable("The store is not responding. Retry in a few seconds."),
        new HttpHeaders());
  }

  /** The client disconnected while its response was written; there is nobody to inform. */
  @ExceptionHandler({IOException.class, AsyncRequestNotUsableException.class})
  void gone() {
    log.atDebug().log("client disconnected before the response was complete");
  }

  /**
   * Everything else: rejections by the framework keep their status; anything unexpected is our
   * fault and is logged with its stack trace.
   */
  @ExceptionHandler
  ResponseEntity<Problem> any(Exception exception, WebRequest request) {
    var type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    if (exception instanceof IllegalArgumentException && type != null && type.contains("*")) {
      // The framework does not get as far as looking for a route.
      return answer(
          ApiProblem.unsupportedType("The Content-Type of a request must not have a wildcard."),
          new HttpHeaders());
    }
    if (exception instanceof ErrorResponse refusal) {
      var status = HttpStatus.valueOf(refusal.getStatusCode().value());
      return ResponseEntity.status(status)
          .headers(refusal.getHeaders())
          .contentType(MediaType.APPLICATION_PROBLEM_JSON)
          .body(plain(status));
    }
    log.atError().setCause(exception).log("request failed unexpectedly");
    return ResponseEntity.internalServerError()
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(plain(HttpStatus.INTERNAL_SERVER_ERROR));
  }

  /** The body of a problem of which only the status is known. */
  static String textFor(int code) {
    var status = HttpStatus.resolve(code);
    return MessageJson.mapper()
        .writeValueAsString(plain(status == null ? HttpStatus.BAD_REQUEST : status));
  }

  private static Problem plain(HttpStatus status) {
    return new Problem(
        "about:blank",
        status.getReasonPhrase(),
        status.value(),
        status == HttpStatus.INTERNAL_SERVER_ERROR ? "internal_error" : codeOf(status),
        sentence(status),
        sentence(status),
        List.of());
  }

  /** Responds to a request that a filter rejects before any controller runs. */
  public static void write(HttpServletResponse response, ApiProblem problem) throws IOException {
    response.setStatus(problem.status().value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    if (problem.status() == HttpStatus.UNAUTHORIZED) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    problem
        .retryAfter()
        .ifPresent(seconds -> response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    response.getOutputStream().write(MessageJson.write(body(problem)));
  }

  private static ResponseEntity<Problem> answer(ApiProblem problem, HttpHeaders headers) {
    if (problem.status() == HttpStatus.UNAUTHORIZED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    problem
        .retryAfter()
        .ifPresent(seconds -> headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
    return ResponseEntity.status(problem.status())
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(body(problem));
  }

  private static Problem body(ApiProblem problem) {
    return new Problem(
        "about:blank",
        problem.status().getReasonPhrase(),
        problem.status().value(),
        problem.code(),
        problem.detail(),
        problem.detail(),
        problem.errors().stream()
            .map(e -> new Problem.Field(e.pointer(), e.code(), e.detail()))
            .toList());
  }

  private static String codeOf(HttpStatus status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  private static String sentence(HttpStatus status) {
    return switch (status) {
      case BAD_REQUEST -> "The request is malformed, or its path is not allowed.";
      case INTERNAL_SERVER_ERROR ->
          "An unexpected error occurred in the supervisor. Your request may be correct; see the"
              + " supervisor's log for details.";
      case NOT_FOUND -> ApiProblem.noSuchRoute().detail();
      case METHOD_NOT_ALLOWED -> "The route does not support this method; see the Allow header.";
      case NOT_ACCEPTABLE -> "The route supports none of the media types in Accept.";
      default -> status.getReasonPhrase() + ".";
    };
  }
}
