package io.capataz.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.capataz.testing.HouseRules;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of the house for standalone and the demo. */
@AnalyzeClasses(
    packages = "io.capataz.standalone",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.capataz.standalone";

  @ArchTest
  static final ArchRule public_means_used_elsewhere =
      HouseRules.publicMeansUsedElsewhere(Map.of()).allowEmptyShould(true);

  @ArchTest static final ArchRule time_is_injected = HouseRules.timeIsInjected();

  @ArchTest
  static final ArchRule threads_are_made_in_few_places =
      HouseRules.threadsAreMadeBy(Set.of("Background", "Demo", "StandaloneProcess"));

  @ArchTest static final ArchRule names_say_what_for = HouseRules.namesSayWhatFor();

  @ArchTest
  static final ArchRule catch_all_only_where_listed =
      HouseRules.catchAllOnlyIn(
          Map.of(
              "Standalone", "each part is stopped whatever the one before it did",
              "CtrlC", "a method handle declares to throw anything"));

  @ArchTest
  static final ArchRule nothing_is_printed =
      HouseRules.nothingIsPrintedBut(
          Set.of("Standalone", "AgentProcess", "AgentStop", "Demo", "Terminal", "BackupCommand"));

  @ArchTest static final ArchRule the_demo_knows_capataz_from_outside = demoKnowsOnlyTheApi();

  private static ArchRule demoKnowsOnlyTheApi() {
    return ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("..demo..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.capataz.supervisor..", "io.capataz.embedded..", ROOT)
        .because("what the demo shows is what any client can do");
  }

  // The rule of this module's own fails where it should.

  @Test
  void a_demo_that_knows_the_supervisor_is_found() {
    var planted = new ClassFileImporter().importPackages(ROOT + ".planted.demo");

    assertThat(demoKnowsOnlyTheApi().evaluate(planted).getFailureReport().toString())
        .contains("KnowsTheSupervisor");
  }
}
