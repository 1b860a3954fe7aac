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
import java.util.Locale;
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
  private final AuditCheck check;

  AuditController(AuditLog audit, AuditCheck check) {
    this.audit = audit;
    this.check = check;
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
   * The state of a chain in a response.
   *
   * @param whole whether nothing was changed, removed, added or moved
   * @param entries how many acts were checked
   * @param removed the last act that was removed because of its age
   * @param head the newest act. Note it elsewhere: a chain that was put back as a whole, to an
   *     older state, shows by a smaller number
   * @param waiting how many acts have not ended; they are added later
   * @param outside how many listed acts are in no chain: they were recorded before there was one,
   *     or not by a supervisor
   * @param breaks where the chain does not hold; at most 100
   */
  record CheckView(
      boolean whole,
      long entries,
      PlaceView removed,
      PlaceView head,
      long waiting,
      long outside,
      List<BreakView> breaks) {
    static CheckView of(AuditCheck.Report report) {
      var head = report.head();
      return new CheckView(
          report.breaks().isEmpty(),
          report.entries(),
          new PlaceView(head.removed().number(), head.removed().hash()),
          new PlaceView(head.last().number(), head.last().hash()),
          report.waiting(),
          report.outside(),
          report.breaks().stream().map(BreakView::of).toList());
    }
  }

  /**
   * An act's place in a chain.
   *
   * @param number counted from 1; 0: there is none
   * @param hash of this act and all before it
   */
  record PlaceView(long number, String hash) {}

  /**
   * A place where a chain does not hold.
   *
   * @param number the act's place
   * @param id the act; absent: it is not there
   * @param problem {@code changed}, {@code missing} (this one and those after it, up to the next
   *     that is there), {@code moved}, or {@code head_changed}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BreakView(long number, @Nullable String id, String problem) {
    static BreakView of(AuditCheck.Break found) {
      return new BreakView(
          found.number(), found.entry(), found.problem().name().toLowerCase(Locale.ROOT));
    }
  }

  /**
   * {@code GET /{customer}/audit/check}: checks that the audit log is whole. Each act carries the
   * hash of the one before it, made with a key that is not in the store.
   */
  @GetMapping("/{customer}/audit/check")
  @Allow(role = Role.ADMIN, scope = Scope.AUDIT_READ)
  CheckView check(@PathVariable String customer) {
    return CheckView.of(check.of(customer));
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
