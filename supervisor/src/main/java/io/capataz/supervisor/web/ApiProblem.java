package io.capataz.supervisor.web;

import java.util.List;
import java.util.OptionalLong;
import org.springframework.http.HttpStatus;

/**
 * A request that is not done, told to the client as RFC 9457 {@code application/problem+json}.
 *
 * <p>{@code code} is stable and can be counted; the message is for people and says what, which, why
 * and what now. Neither ever holds a secret.
 */
public final class ApiProblem extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final String code;
  private final transient List<FieldError> errors;
  private final long retryAfter;

  private ApiProblem(HttpStatus status, String code, String detail, List<FieldError> errors) {
    this(status, code, detail, errors, 0);
  }

  private ApiProblem(
      HttpStatus status, String code, String detail, List<FieldError> errors, long retryAfter) {
    // No stack trace: this is an answer, not a fault.
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
    this.retryAfter = retryAfter;
  }

  /** What is wrong with one field, which a JSON pointer names. */
  public record FieldError(String pointer, String code, String detail) {}

  /** 400: the request cannot be understood or asks for what cannot be. */
  public static ApiProblem badRequest(String code, String detail) {
    return new ApiProblem(HttpStatus.BAD_REQUEST, code, detail, List.of());
  }

  /** 400 with what is wrong, field by field. */
  public static ApiProblem invalid(List<FieldError> errors) {
    var first = errors.getFirst();
    var detail =
        errors.size() == 1
            ? first.pointer() + ": " + first.detail()
            : errors.size()
                + " invalid fields; the first is "
                + first.pointer()
                + ": "
                + first.detail();
    return new ApiProblem(HttpStatus.BAD_REQUEST, "invalid_input", detail, errors);
  }

  /** 401: nobody is known by what was sent, or nothing was sent. */
  public static ApiProblem unauthorized(String detail) {
    return unauthorized("unauthorized", detail);
  }

  /** 401, for a reason that may be told. */
  public static ApiProblem unauthorized(String code, String detail) {
    return new ApiProblem(HttpStatus.UNAUTHORIZED, code, detail, List.of());
  }

  /** 403: known, but not allowed. */
  public static ApiProblem forbidden(String detail) {
    return new ApiProblem(HttpStatus.FORBIDDEN, "forbidden", detail, List.of());
  }

  /** 404: it is not there, or it is not yours; the two look the same. */
  public static ApiProblem notFound(String what) {
    return new ApiProblem(
        HttpStatus.NOT_FOUND,
        "not_found",
        what + " was not found in this organization.",
        List.of());
  }

  /** 404: there could be such a thing, but nobody has set it up. */
  public static ApiProblem notSetUp(String code, String detail) {
    return new ApiProblem(HttpStatus.NOT_FOUND, code, detail, List.of());
  }

  /** 408: what was waited for has not come. */
  public static ApiProblem timedOut(String detail) {
    return new ApiProblem(HttpStatus.REQUEST_TIMEOUT, "timed_out", detail, List.of());
  }

  /** 409: true once, but no longer. */
  public static ApiProblem conflict(String code, String detail) {
    return new ApiProblem(HttpStatus.CONFLICT, code, detail, List.of());
  }

  /** 410: an agent speaks for a session or an attempt that is over. */
  public static ApiProblem gone(String code, String detail) {
    return new ApiProblem(HttpStatus.GONE, code, detail, List.of());
  }

  /** 412: it has changed since the client looked at it. */
  public static ApiProblem changedSince(String detail) {
    return new ApiProblem(HttpStatus.PRECONDITION_FAILED, "changed_since", detail, List.of());
  }

  /** 413: more bytes than the route takes. */
  public static ApiProblem tooLarge(String detail) {
    return new ApiProblem(HttpStatus.CONTENT_TOO_LARGE, "too_large", detail, List.of());
  }

  /** 415: a body of a type that no route reads. */
  public static ApiProblem unsupportedType(String detail) {
    return new ApiProblem(
        HttpStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail, List.of());
  }

  /** 416: there are no such bytes. */
  public static ApiProblem noSuchRange(String detail) {
    return new ApiProblem(
        HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range_not_satisfiable", detail, List.of());
  }

  /** 422: understood, but it contradicts what was asked before. */
  public static ApiProblem unprocessable(String code, String detail) {
    return new ApiProblem(HttpStatus.UNPROCESSABLE_CONTENT, code, detail, List.of());
  }

  /** 429: more than is taken from one caller; again after so many seconds. */
  public static ApiProblem tooMany(String detail, long retryAfter) {
    return new ApiProblem(
        HttpStatus.TOO_MANY_REQUESTS, "too_many_requests", detail, List.of(), retryAfter);
  }

  /** 503: not now. */
  public static ApiProblem unavailable(String detail) {
    return new ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, "unavailable", detail, List.of());
  }

  /** 503: not now, for a reason that may be told; again after so many seconds. */
  public static ApiProblem unavailable(String code, String detail, long retryAfter) {
    return new ApiProblem(HttpStatus.SERVICE_UNAVAILABLE, code, detail, List.of(), retryAfter);
  }

  public HttpStatus status() {
    return status;
  }

  public String code() {
    return code;
  }

  public List<FieldError> errors() {
    return errors;
  }

  /** After how many seconds it may be tried again; empty: this does not depend on time. */
  public OptionalLong retryAfter() {
    return retryAfter > 0 ? OptionalLong.of(retryAfter) : OptionalLong.empty();
  }

  /** What was to be said; an {@link ApiProblem} always says something. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
