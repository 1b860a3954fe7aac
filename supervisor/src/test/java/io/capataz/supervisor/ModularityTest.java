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

  /** A new package is a decision: it gets a purpose, its dependencies, and a line here. */
  @Test
  void every_package_is_a_module_and_these_are_all() {
    assertThat(modules.stream().map(module -> module.getIdentifier().toString()))
        .containsExactlyInAnyOrder(
            "access",
            "approval",
            "audit",
            "callback",
            "client",
            "console",
            "credential",
            "dispatch",
            "documentation",
            "draft",
            "event",
            "fleet",
            "health",
            "host",
            "inbox",
            "indicator",
            "installer",
            "job",
            "jobtoken",
            "link",
            "library",
            "listing",
            "member",
            "metrics",
            "notification",
            "oidc",
            "organization",
            "outbound",
            "output",
            "parameter",
            "performer",
            "progress",
            "pythonindex",
            "queue",
            "quota",
            "recipe",
            "result",
            "retention",
            "run",
            "runtime",
            "schedule",
            "script",
            "secretkey",
            "statistics",
            "task",
            "taskapi",
            "trigger",
            "vault",
            "web",
            "webhook",
            "workflow",
            "workflowrun");
  }
}
