package io.capataz.common;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What both sides share stays small, and drags nothing in. */
class ArchitectureTest {

  private static final JavaClasses COMMON =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.capataz.common");

  @Test
  void knowsOnlyTheJdkAndJackson() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "io.capataz.common..",
            "org.jspecify..",
            "tools.jackson..",
            "com.fasterxml.jackson.annotation..")
        .because("the agent pays for everything that stands here")
        .check(COMMON);
  }

  @Test
  void hasNoCycles() {
    slices().matching("io.capataz.common.(*)..").should().beFreeOfCycles().check(COMMON);
  }

  @Test
  void looksAtNoClock() {
    noClasses()
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .because("a message is what its maker put in")
        .check(COMMON);
  }
}
