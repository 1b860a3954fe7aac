package io.capataz.supervisor.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.Instants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The audit log over HTTP; not part of the seeds, but in the style of seed 004. */
@RestController
class AuditController {

  private static final Listing.Offer<AuditEntry> LIST =
      new Listing.Offer<>(
          Map.of("at", new Listing.Order<>(AuditEntry::at)),
          "-at",
          Set.of("actor", "action", "object", "status", "from", "until"),
          100,
          1_000);

  private final AuditLog audit;

  AuditController(AuditLog audit) {
    this.audit = audit;
  }

  /**
   * An act in a response.
   *
   * @param requestId the {@code X-Request-Id} of the act's response
   * @param status the act's HTTP status; absent: its end is unknown
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record AuditView(
      String id,
      Instant at,
      String actor,
      String action,
      String object,
      Map<String, String> path,
      String address,
      String requestId,
      @Nullable Integer status,
      @Nullable Instant ended) {
    static AuditView of(AuditEntry entry) {
      return new AuditView(
          entry.id(),
          entry.at(),
          entry.actor(),
          entry.action(),
          entry.object(),
          entry.path(),
          entry.address(),
          entry.request(),
          entry.status(),
          entry.ended());
    }
  }

  /**
   * {@code GET /{customer}/audit}: lists who did what, newest first. Sorted by {@code at}; filtered
   * by {@code actor}, {@code action}, {@code object}, {@code status}, and by {@code from} and
   * {@code until}, which are instants such as {@code 2026-01-31T12:00:00Z}; see {@link Listing}.
   */
  @GetMapping("/{customer}/audit")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.AUDIT_READ)
  ResponseEntity<List<AuditView>> list(@PathVariable String customer, ApiInput input) {
    var asked = LIST.read(input);
    var errors = new ArrayList<ApiProblem.FieldError>();
    var filter =
        new AuditLog.Filter(
            asked.filterAll("actor"),
            asked.filterAll("action"),
            asked.filterAll("object"),
            statuses(asked, errors),
            instant(asked, "from", errors).orElse(null),
            instant(asked, "until", errors).orElse(null));
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return asked.answer(audit.list(customer, asked, filter), AuditView::of);
  }

  private static List<Integer> statuses(
      Listing<AuditEntry> asked, List<ApiProblem.FieldError> errors) {
    var statuses = new ArrayList<Integer>();
    for (var text : asked.filterAll("status")) {
      try {
        statuses.add(Integer.valueOf(text));
      } catch (NumberFormatException notANumber) {
        errors.add(
            new ApiProblem.FieldError(
                "/status", "wrong_form", "must be an HTTP status such as 200."));
      }
    }
    return statuses;
  }

  private static Optional<Instant> instant(
      Listing<AuditEntry> asked, String name, List<ApiProblem.FieldError> errors) {
    return asked
        .filter(name)
        .flatMap(
            text -> {
              var instant = Instants.read(text);
              if (instant.isEmpty()) {
                errors.add(new ApiProblem.FieldError("/" + name, "wrong_form", Instants.FORM));
              }
              return instant;
            });
  }
}
