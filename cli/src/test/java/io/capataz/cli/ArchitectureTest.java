package io.capataz.cli;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.capataz.testing.HouseRules;
import java.util.Map;
import java.util.Set;

/** The rules of the house for the command line. */
@AnalyzeClasses(packages = "io.capataz.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.capataz.cli";

  @ArchTest static final ArchRule no_cycles = HouseRules.noPackageCycles(ROOT);

  @ArchTest
  static final ArchRule public_means_used_elsewhere =
      HouseRules.publicMeansUsedElsewhere(
          Map.of("Main", "the JVM starts it", "WarmUp", "the launcher starts it"));

  @ArchTest static final ArchRule time_is_injected = HouseRules.timeIsInjected();

  @ArchTest
  static final ArchRule threads_are_made_in_few_places =
      HouseRules.threadsAreMadeBy(Set.of("EventStream", "Interruption", "WarmUp"));

  @ArchTest static final ArchRule names_say_what_for = HouseRules.namesSayWhatFor();

  @ArchTest static final ArchRule catch_all_nowhere = HouseRules.catchAllOnlyIn(Map.of());

  @ArchTest static final ArchRule nothing_is_printed = HouseRules.nothingIsPrintedBut(Set.of());

  @ArchTest
  static final ArchRule picocli_is_known_by_one_package =
      HouseRules.onlyKnownBy("picocli..", ROOT + ".verb");

  @ArchTest
  static final ArchRule http_is_known_by_one_package =
      HouseRules.onlyKnownBy("java.net.http..", ROOT + ".api", ROOT + ".workflow");
}
