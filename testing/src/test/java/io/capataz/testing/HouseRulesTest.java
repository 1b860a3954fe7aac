package io.capataz.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every rule fails on the violation that was planted for it, and names it. */
class HouseRulesTest {

  private static final JavaClasses PLANTED =
      new ClassFileImporter().importPackages("io.capataz.testing.planted");

  @Test
  void cycles_between_packages() {
    fails(HouseRules.noPackageCycles("io.capataz.testing.planted"), "Slice one", "Slice two");
  }

  @Test
  void public_types_that_nobody_uses() {
    fails(HouseRules.publicMeansUsedElsewhere(Map.of()), "Violations is public");
    passes(
        HouseRules.publicMeansUsedElsewhere(Map.of("Violations", "planted")),
        "io.capataz.testing.planted");
  }

  @Test
  void the_wall_clock() {
    fails(HouseRules.timeIsInjected(), "Instant.now()", "System.currentTimeMillis()");
  }

  @Test
  void threads() {
    fails(HouseRules.threadsAreMadeBy(Set.of("Main")), "Thread.ofVirtual()", "Executors.");
    passes(HouseRules.threadsAreMadeBy(Set.of("Violations")), "io.capataz.testing.planted");
  }

  @Test
  void names() {
    fails(HouseRules.namesSayWhatFor(), "ThingHelper");
  }

  @Test
  void catch_all() {
    fails(HouseRules.catchAllOnlyIn(Map.of()), "CatchesAll.swallow");
    passes(
        HouseRules.catchAllOnlyIn(Map.of("Violations", "planted")), "io.capataz.testing.planted");
  }

  @Test
  void printing() {
    fails(HouseRules.nothingIsPrintedBut(Set.of()), "System.out");
  }

  @Test
  void field_injection() {
    fails(HouseRules.noFieldInjection(), "InjectsFields.field");
  }

  @Test
  void a_package_that_uses_what_is_built_on_it() {
    var root = "io.capataz.testing.planted";
    fails(HouseRules.knowsNothingOf(root, "one", Set.of("two", "three")), "First", "Second");
    passes(HouseRules.knowsNothingOf(root, "one", Set.of("three")), root);
  }

  @Test
  void libraries() {
    fails(HouseRules.onlyKnownBy("java.util.zip..", "io.capataz.elsewhere"), "KnowsALibrary");
    passes(
        HouseRules.onlyKnownBy("java.util.zip..", "io.capataz.testing.planted"),
        "io.capataz.testing.planted");
  }

  private static void fails(ArchRule rule, String... named) {
    var result = rule.evaluate(PLANTED);
    assertThat(result.hasViolation()).describedAs(rule.getDescription()).isTrue();
    assertThat(result.getFailureReport().toString()).contains(named);
  }

  private static void passes(ArchRule rule, String packages) {
    assertThat(
            rule.evaluate(new ClassFileImporter().importPackages(packages))
                .getFailureReport()
                .getDetails())
        .isEmpty();
  }
}
