package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

/** Each feature uses only what its {@code package-info} names, and no cycle joins them. */
class ModularityTest {

  private final ApplicationModules modules = ApplicationModules.of(SupervisorApplication.class);

  @Test
  void the_walls_between_features_stand() {
    modules.verify();
  }

  @Test
  void every_feature_is_a_module() {
    assertThat(modules.stream().map(module -> module.getIdentifier().toString()))
        .contains("organization", "access", "host", "script", "task", "job", "dispatch", "health");
  }
}
