package io.capataz.embedded;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.capataz.testing.HouseRules;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of the house for the embedded store and broker. */
@AnalyzeClasses(
    packages = "io.capataz.embedded",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.capataz.embedded";

  @ArchTest static final ArchRule no_package_cycles = HouseRules.noPackageCycles(ROOT);

  @ArchTest
  static final ArchRule public_means_used_elsewhere =
      HouseRules.publicMeansUsedElsewhere(
          Map.of(
              "EmbeddedStore", "opened by standalone",
              "StoreCopy", "made by standalone's backup",
              "EmbeddedBroker", "started by standalone",
              "KeptBroker", "started by standalone",
              "BrokerPasswords", "chosen by standalone",
              "AnnouncementRights", "made by Kafka by its name",
              "FreePort", "standalone looks whether its port is free"));

  @ArchTest static final ArchRule time_is_injected = HouseRules.timeIsInjected();

  @ArchTest
  static final ArchRule threads_are_made_in_few_places =
      HouseRules.threadsAreMadeBy(
          Set.of("WireServer", "StoreCommand", "BrokerCommand", "KeptBroker"));

  @ArchTest static final ArchRule names_say_what_for = HouseRules.namesSayWhatFor();

  @ArchTest
  static final ArchRule catch_all_only_where_listed =
      HouseRules.catchAllOnlyIn(
          Map.of(
              "EmbeddedBroker", "Kafka's formatter declares no narrower one",
              "CommandEvents", "a listener must not break a command",
              "LocalCommands", "a fault of the library is answered as on a connection"));

  @ArchTest
  static final ArchRule nothing_is_printed =
      HouseRules.nothingIsPrintedBut(Set.of("StoreCommand", "BrokerCommand"));

  @ArchTest static final ArchRule kafka_is_the_brokers = onlyTheBrokerKnowsKafka();

  @ArchTest
  static final ArchRule the_wire_server_is_the_stores =
      HouseRules.onlyKnownBy("de.bwaldvogel..", ROOT + ".store");

  @ArchTest
  static final ArchRule sqlite_is_the_stores =
      HouseRules.onlyKnownBy("org.sqlite..", ROOT + ".store");

  @ArchTest
  static final ArchRule the_drivers_insides_are_known_in_one_package =
      HouseRules.onlyKnownBy("com.mongodb..internal..", ROOT + ".store.inprocess");

  @ArchTest static final ArchRule nothing_of_the_supervisor_is_known = knowsNoSupervisor();

  private static ArchRule onlyTheBrokerKnowsKafka() {
    return HouseRules.onlyKnownBy("kafka..", ROOT + ".broker");
  }

  private static ArchRule knowsNoSupervisor() {
    return classes()
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("io.capataz.supervisor..", "org.springframework..")
        .because("store and broker stand in for programs that know nothing of Capataz");
  }

  // Both rules of this module's own fail where they should.

  @Test
  void a_class_that_knows_kafka_or_spring_from_elsewhere_is_found() {
    var planted = new ClassFileImporter().importPackages(ROOT + ".planted");

    assertThat(onlyTheBrokerKnowsKafka().evaluate(planted).getFailureReport().toString())
        .contains("KnowsTheBroker");
  }
}
