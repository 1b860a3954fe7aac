package io.capataz.supervisor.web;

import java.util.List;
import java.util.OptionalLong;
import org.springframework.http.HttpStatus;

/**
 * A rejected request, sent to the client as RFC 9457 {@code application/problem+json}.
 *
 * <p>{@code code} is stable and can be counted. The message is for people and says what happened,
 * to which object, why, and what to do. Neither ever contains a secret.
 */
public final class ApiProblem extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private static final long A_FEW_SECONDS = 5;

  private final HttpStatus status;
  private final String code;
  private final transient List<FieldError> errors;
  private final long retryAfter;

  private ApiProblem(HttpStatus status, String code, String detail, List<FieldError> errors) {
    this(status, code, detail, errors, 0);
  }

  private ApiProblem(
      HttpStatus status, String code, String detail, List<FieldError> errors, long retryAfter) {
    // No stack trace: this is a response, not a fault.
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
    this.retryAfter = retryAfter;
  }

  /** A mistake in one field, identified by a JSON pointer. */
  public record FieldError(String pointer, String code, String detail) {}

  /** 400: the request cannot be understood or is impossible. */
  public static ApiProblem badRequest(String code, String detail) {
    return new ApiProblem(HttpStatus.BAD_REQUEST, code, detail, List.of());
  }

  /** 400 with the mistakes per field. */
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

  /** 401: missing or invalid authentication. */
  public static ApiProblem unauthorized(String detail) {
    return unauthorized("unauthorized", detail);
  }

  /** 401 with a code that says why. */
  public static ApiProblem unauthorized(String code, String detail) {
    return new ApiProblem(HttpStatus.UNAUTHORIZED, code, detail, List.of());
  }

  /** 403: authenticated, but not allowed. */
  public static ApiProblem forbidden(String detail) {
    return new ApiProblem(HttpStatus.FORBIDDEN, "forbidden", detail, List.of());
  }

  /** 403 with a code that says why. */
  public static ApiProblem forbidden(String code, String detail) {
    return new ApiProblem(HttpStatus.FORBIDDEN, code, detail, List.of());
  }

  /** 404: it does not exist or is not visible to the caller; the two are indistinguishable. */
  public static ApiProblem notFound(String what) {
    return new ApiProblem(
        HttpStatus.NOT_FOUND,
        "not_found",
        what + " was not found in this organization.",
        List.of());
  }

  /** 404 with a code that says which part of what is asked for does not exist. */
  public static ApiProblem notFound(String code, String detail) {
    return new ApiProblem(HttpStatus.NOT_FOUND, code, detail, List.of());
  }

  /** 404: no route has this path. */
  public static ApiProblem noSuchRoute() {
    return new ApiProblem(
        HttpStatus.NOT_FOUND,
        "not_found",
        "There is no such route. See /docs for all routes, or /openapi.json.",
        List.of());
  }

  /** 404: the organization does not exist or is not the caller's; the two are indistinguishable. */
  public static ApiProblem noSuchOrganization() {
    return new ApiProblem(
        HttpStatus.NOT_FOUND,
        "not_found",
        "There is no such organization, or the token belongs to another one. GET /session shows the"
            + " token's organization.",
        List.of());
  }

  /** 404: the feature is not configured. */
  public static ApiProblem notSetUp(String code, String detail) {
    return new ApiProblem(HttpStatus.NOT_FOUND, code, detail, List.of());
  }

  /** 408: the awaited event did not happen in time. */
  public static ApiProblem timedOut(String detail) {
    return new ApiProblem(HttpStatus.REQUEST_TIMEOUT, "timed_out", detail, List.of());
  }

  /** 409: the request conflicts with the current state. */
  public static ApiProblem conflict(String code, String detail) {
    return new ApiProblem(HttpStatus.CONFLICT, code, detail, List.of());
  }

  /** 410: an agent uses a session or an attempt that has ended. */
  public static ApiProblem gone(String code, String detail) {
    return new ApiProblem(HttpStatus.GONE, code, detail, List.of());
  }

  /** 412: the object has changed since the client read it. */
  public static ApiProblem changedSince(String detail) {
    return new ApiProblem(HttpStatus.PRECONDITION_FAILED, "changed_since", detail, List.of());
  }

  /** 413: more bytes than the route accepts. */
  public static ApiProblem tooLarge(String detail) {
    return new ApiProblem(HttpStatus.CONTENT_TOO_LARGE, "too_large", detail, List.of());
  }

  /** 415: no route accepts a body of this type. */
  public static ApiProblem unsupportedType(String detail) {
    return new ApiProblem(
        HttpStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail, List.of());
  }

  /** 416: the requested range does not exist. */
  public static ApiProblem noSuchRange(String detail) {
    return new ApiProblem(
        HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range_not_satisfiable", detail, List.of());
  }

  /** 422: understood, but it contradicts an earlier request. */
  public static ApiProblem unprocessable(String code, String detail) {
    return new ApiProblem(HttpStatus.UNPROCESSABLE_CONTENT, code, detail, List.of());
  }

  /** 429: over the caller's limit; retry after so many seconds. */
  public static ApiProblem tooMany(String detail, long retryAfter) {
    return tooMany("too_many_requests", detail, retryAfter);
  }

  /** 429 with a code that says why. */
  public static ApiProblem tooMany(String code, String detail, long retryAfter) {
    return new ApiProblem(HttpStatus.TOO_MANY_REQUESTS, code, detail, List.of(), retryAfter);
  }

  /** 503: temporarily unavailable; retry in a few seconds. */
  public static ApiProblem unavailable(String detail) {
    return unavailable("unavailable", detail, A_FEW_SECONDS);
  }

  /** 503 with a code that says why; retry after so many seconds. */
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

  /** The seconds until a retry makes sense; empty: not a matter of time. */
  public OptionalLong retryAfter() {
    return retryAfter > 0 ? OptionalLong.of(retryAfter) : OptionalLong.empty();
  }

  /** The detail; an {@link ApiProblem} always has one. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
