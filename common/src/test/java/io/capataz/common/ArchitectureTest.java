package io.capataz.common;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.capataz.testing.HouseRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What both sides share stays small, and drags nothing in. */
class ArchitectureTest {

  private static final JavaClasses COMMON =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.capataz.common");

  private static final ArchRule ONLY_THREE_LIBRARIES =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "javax.net.ssl..",
              "io.capataz.common..",
              "org.jspecify..",
              "tools.jackson..",
              "com.fasterxml.jackson.annotation..",
              "picocli..")
          .because("the agent pays for everything that stands here");

  static List<ArchRule> rules() {
    return List.of(
        ONLY_THREE_LIBRARIES,
        HouseRules.noPackageCycles("io.capataz.common"),
        HouseRules.timeIsInjected(),
        HouseRules.threadsAreMadeBy(Set.of()),
        HouseRules.namesSayWhatFor(),
        HouseRules.catchAllOnlyIn(Map.of("Command", "the outermost frame of a command")),
        HouseRules.nothingIsPrintedBut(Set.of("Command")),
        HouseRules.onlyKnownBy("picocli..", "io.capataz.common.command"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void common_keeps(ArchRule rule) {
    rule.check(COMMON);
  }

  @Test
  void a_library_that_is_dragged_in_is_found() {
    var planted = new ClassFileImporter().importPackages("io.capataz.common.planted");

    assertThat(ONLY_THREE_LIBRARIES.evaluate(planted).getFailureReport().toString())
        .contains("UsesALibrary");
  }
}
