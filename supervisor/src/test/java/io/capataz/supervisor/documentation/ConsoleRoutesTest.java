package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Allow;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The pages of the console are told from the API by their package and by their path, and by both in
 * the same way. What they may do is the API's to say: see {@code ConsoleSessionTest}.
 */
class ConsoleRoutesTest {

  private static final Set<String> PUBLIC = Set.of("/console/sign-in", "/console/assets/");

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void pages_are_under_console_and_the_api_is_not() {
    assertThat(Route.pages(supervisor.context()))
        .isNotEmpty()
        .allMatch(route -> route.path().matches("/console(/.*)?"));
    assertThat(Route.all(supervisor.context()))
        .noneMatch(route -> route.path().startsWith("/console"));
  }

  @Test
  void only_signing_in_and_files_are_for_anyone() {
    assertThat(Route.pages(supervisor.context()))
        .filteredOn(route -> route.allow().value() == Allow.Who.ANYONE)
        .allMatch(route -> PUBLIC.stream().anyMatch(route.path()::startsWith));
  }

  @Test
  void pages_are_shown_by_get_and_changed_by_post() {
    assertThat(Route.pages(supervisor.context()))
        .extracting(Route::method)
        .containsOnly("GET", "POST");
  }
}
