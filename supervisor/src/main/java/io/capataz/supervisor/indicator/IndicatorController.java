package io.capataz.supervisor.indicator;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Indicators over HTTP, as seed 004's clients use them. Fields: {@code title}, {@code name}, {@code
 * description}, {@code type} ({@code chart}, {@code text}, {@code html}, {@code progress}, {@code
 * counter}, {@code file}), {@code value}, {@code state}, {@code severity}, {@code acl}, {@code
 * alerts}, {@code sticky}, {@code read_only}, {@code tags}, {@code order}, {@code width}, {@code
 * height}.
 */
@RestController
class IndicatorController {

  private static final int MOST = 1_000;

  private static final Listing.Offer<Indicator> LIST =
      new Listing.Offer<>(
          Map.of(
              "id",
              new Listing.Order<>(Indicator::id),
              "title",
              new Listing.Order<>(Indicator::title)),
          "title",
          Set.of("title", "state", "severity", "tags"),
          MOST,
          MOST);

  private final Indicators indicators;
  private final IndicatorChanges changes;

  IndicatorController(Indicators indicators, IndicatorChanges changes) {
    this.indicators = indicators;
    this.changes = changes;
  }

  /**
   * {@code GET /{customer}/indicator} and {@code GET /indicator}: the indicators that the caller
   * may see, by title; filtered by {@code title}, {@code state}, {@code severity} and {@code tags};
   * see {@link Listing}.
   */
  @GetMapping({"/{customer}/indicator", "/indicator"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.INDICATOR_READ)
  ResponseEntity<List<IndicatorView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(indicators.list(caller, asked), IndicatorView::of);
  }

  /**
   * {@code POST /{customer}/indicator} and {@code POST /indicator}: makes an indicator; {@code
   * type} and {@code title} are required. 409 if there is one of that title.
   */
  @PostMapping({"/{customer}/indicator", "/indicator"})
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  IndicatorView create(ApiInput input, Caller.Member caller) {
    return IndicatorView.of(changes.create(caller, input.object()));
  }

  /** {@code GET …/indicator/{id}}: one indicator. */
  @GetMapping({"/{customer}/indicator/{id:[0-9a-f]+}", "/indicator/{id:[0-9a-f]+}"})
  @Allow(role = Role.VIEWER, scope = Scope.INDICATOR_READ)
  IndicatorView get(@PathVariable String id, Caller.Member caller) {
    return IndicatorView.of(byId(caller, id));
  }

  /**
   * {@code PUT …/indicator/{id}}: replaces an indicator; what is left out is as usual, apart from
   * its type and title.
   */
  @PutMapping({"/{customer}/indicator/{id:[0-9a-f]+}", "/indicator/{id:[0-9a-f]+}"})
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  IndicatorView replace(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return IndicatorView.of(changes.replace(caller, byId(caller, id), input.object()));
  }

  /** {@code PATCH …/indicator/{id}}: changes the fields sent. */
  @PatchMapping({"/{customer}/indicator/{id:[0-9a-f]+}", "/indicator/{id:[0-9a-f]+}"})
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  IndicatorView change(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return IndicatorView.of(changes.change(caller, byId(caller, id), input.object()));
  }

  /** {@code DELETE …/indicator/{id}}: removes an indicator. */
  @DeleteMapping({"/{customer}/indicator/{id:[0-9a-f]+}", "/indicator/{id:[0-9a-f]+}"})
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  void delete(@PathVariable String id, Caller.Member caller) {
    indicators.remove(byId(caller, id));
  }

  /** {@code GET …/indicator/title/{title}}: one indicator. */
  @GetMapping({"/{customer}/indicator/title/{title}", "/indicator/title/{title}"})
  @Allow(role = Role.VIEWER, scope = Scope.INDICATOR_READ)
  IndicatorView getTitled(@PathVariable String title, Caller.Member caller) {
    return IndicatorView.of(byTitle(caller, title));
  }

  /**
   * {@code PUT …/indicator/title/{title}}: replaces the indicator of that title, or makes it; then
   * {@code type} and {@code title} are required.
   */
  @PutMapping({"/{customer}/indicator/title/{title}", "/indicator/title/{title}"})
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  IndicatorView upsert(@PathVariable String title, ApiInput input, Caller.Member caller) {
    return IndicatorView.of(changes.upsert(caller, title, input.object()));
  }

  /** {@code PATCH …/indicator/title/{title}}: changes the fields sent. */
  @PatchMapping({"/{customer}/indicator/title/{title}", "/indicator/title/{title}"})
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  IndicatorView changeTitled(@PathVariable String title, ApiInput input, Caller.Member caller) {
    return IndicatorView.of(changes.change(caller, byTitle(caller, title), input.object()));
  }

  /** {@code DELETE …/indicator/title/{title}}: removes an indicator. */
  @DeleteMapping({"/{customer}/indicator/title/{title}", "/indicator/title/{title}"})
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  void deleteTitled(@PathVariable String title, Caller.Member caller) {
    indicators.remove(byTitle(caller, title));
  }

  private Indicator byId(Caller.Member caller, String id) {
    return indicators.visible(caller, id).orElseThrow(IndicatorChanges::notFound);
  }

  private Indicator byTitle(Caller.Member caller, String title) {
    return indicators.titled(caller, title).orElseThrow(IndicatorChanges::notFound);
  }
}
