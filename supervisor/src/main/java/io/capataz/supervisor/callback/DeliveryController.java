package io.capataz.supervisor.callback;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.callback.Delivery.State;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The deliveries of callbacks: what became of them, and sending them again. */
@RestController
class DeliveryController {

  private static final Listing.Offer<Delivery> LIST =
      new Listing.Offer<>(
          Map.of("creation_date", new Listing.Order<>(Delivery::created)),
          "-creation_date",
          Set.of("state", "job"),
          100,
          1_000);

  private static final int MOST_REPLAYED = 1_000;

  private final Deliveries deliveries;
  private final Resends resends;
  private final Jobs jobs;

  DeliveryController(Deliveries deliveries, Resends resends, Jobs jobs) {
    this.deliveries = deliveries;
    this.resends = resends;
    this.jobs = jobs;
  }

  /**
   * {@code GET /{customer}/job/{id}/callbacks} and {@code GET /job/{id}/callbacks}: lists the
   * deliveries of a job's callbacks, with every try.
   */
  @GetMapping({"/{customer}/job/{id}/callbacks", "/job/{id:[0-9a-f]+}/callbacks"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  List<DeliveryView> ofJob(@PathVariable String id, Caller.Member caller) {
    var job = jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
    return deliveries.of(job.id()).stream().map(DeliveryView::of).toList();
  }

  /**
   * {@code GET /{customer}/callback}: lists the organization's deliveries, newest first. Filtered
   * by {@code state job}: with {@code state=failed} those that nobody took. Sorted by {@code
   * creation_date}; see {@link Listing}.
   */
  @GetMapping("/{customer}/callback")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.JOB_READ)
  ResponseEntity<List<DeliveryView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    var words = asked.filterAll("state");
    var states =
        Arrays.stream(State.values())
            .filter(state -> words.contains(state.name().toLowerCase(Locale.ROOT)))
            .toList();
    if (states.size() != words.stream().distinct().count()) {
      throw ApiProblem.invalid(
          List.of(
              new ApiProblem.FieldError(
                  "/state", "unknown_word", "must be open, succeeded or failed.")));
    }
    return asked.answer(deliveries.list(caller.organization(), asked, states), DeliveryView::of);
  }

  /** {@code GET /{customer}/callback/{id}}: returns one delivery, with what is sent. */
  @GetMapping("/{customer}/callback/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.JOB_READ)
  DeliveryView get(@PathVariable String id, Caller.Member caller) {
    return DeliveryView.whole(found(caller, id));
  }

  /**
   * {@code POST /{customer}/callback/{id}/replay}: sends a delivery again: the same payload under
   * the same id, with as many tries as a new one has. One that is open is tried now.
   */
  @PostMapping("/{customer}/callback/{id}/replay")
  @Allow(role = Role.ADMIN, scope = Scope.JOB_WRITE)
  DeliveryView replay(@PathVariable String id, Caller.Member caller) {
    return DeliveryView.of(resends.again(found(caller, id)));
  }

  /**
   * How many deliveries are sent again.
   *
   * @param replayed how many
   */
  record Replayed(int replayed) {}

  /**
   * {@code POST /{customer}/callback/replay}: sends deliveries again: those with these {@code ids},
   * or without {@code ids} all that failed, at most 1,000 by one request, the oldest first.
   */
  @PostMapping("/{customer}/callback/replay")
  @Allow(role = Role.ADMIN, scope = Scope.JOB_WRITE)
  Replayed replayMany(ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var ids = fields.texts("ids", MOST_REPLAYED, 100);
    fields.done();
    var those =
        ids.map(
                some ->
                    some.stream()
                        .distinct()
                        .map(id -> deliveries.find(caller.organization(), id))
                        .flatMap(Optional::stream)
                        .toList())
            .orElseGet(() -> deliveries.failed(caller.organization(), MOST_REPLAYED));
    those.forEach(resends::again);
    return new Replayed(those.size());
  }

  private Delivery found(Caller.Member caller, String id) {
    return deliveries
        .find(caller.organization(), id)
        .orElseThrow(() -> ApiProblem.notFound("The delivery"));
  }
}
