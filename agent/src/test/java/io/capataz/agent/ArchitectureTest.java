package io.capataz.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
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

/**
 * The house rules, which {@code HouseRulesTest} verifies with violations, and the agent's own
 * rules, each verified with a planted violation.
 */
class ArchitectureTest {

  private static final JavaClasses AGENT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.capataz.agent", "io.capataz.common");

  private static final JavaClasses PLANTED =
      new ClassFileImporter().importPackages("io.capataz.agent.planted", "org.springframework");

  record Own(String name, ArchRule rule, String planted) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<ArchRule> houseRules() {
    return List.of(
        HouseRules.noPackageCycles("io.capataz.agent"),
        HouseRules.timeIsInjected(),
        HouseRules.threadsAreMadeBy(Set.of("Main")),
        HouseRules.namesSayWhatFor(),
        HouseRules.catchAllOnlyIn(
            Map.of(
                "Command", "the outermost frame of a command",
                "JobLoop", "one run must not end the agent",
                "FileCalls", "a method handle declares Throwable",
                "LibC", "a method handle declares Throwable",
                "SocketCalls", "a method handle declares Throwable",
                "UnixDatagram", "a method handle declares Throwable")),
        HouseRules.nothingIsPrintedBut(Set.of("Command")),
        HouseRules.noFieldInjection());
  }

  static List<Own> ownRules() {
    return List.of(
        new Own(
            "plain java",
            noClasses()
                .that()
                .resideInAPackage("io.capataz..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .because("an agent must start in a second and fit into 100 MB"),
            "UsesSpring"),
        new Own(
            "processes know nothing else",
            classes()
                .that()
                .resideInAnyPackage("io.capataz.agent..process..", "io.capataz.agent..cgroup..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                    "java..",
                    "org.slf4j..",
                    "org.jspecify..",
                    "io.capataz.common.environment..",
                    "io.capataz.agent..process..",
                    "io.capataz.agent..cgroup..")
                .because("a keeper that knows no jobs is to stand on the same code"),
            "KnowsJobs"),
        new Own(
            "three classes know kafka",
            HouseRules.onlyKnownBy(
                "org.apache.kafka..",
                "io.capataz.agent.link.Announcements",
                "io.capataz.agent.link.BrokerClient",
                "io.capataz.agent.link.PoolAnnouncements"),
            "HearsKafka"));
  }

  @ParameterizedTest
  @MethodSource("houseRules")
  void the_agent_keeps_the_rules_of_the_house(ArchRule rule) {
    rule.check(AGENT);
  }

  @ParameterizedTest
  @MethodSource("ownRules")
  void the_agent_keeps_its_own_rules(Own own) {
    own.rule.check(AGENT);
  }

  @ParameterizedTest
  @MethodSource("ownRules")
  void a_planted_class_breaks_them(Own own) {
    assertThat(own.rule.evaluate(PLANTED).getFailureReport().toString()).contains(own.planted);
  }

  @Test
  void what_is_public_is_used_by_another_package() {
    HouseRules.publicMeansUsedElsewhere(Map.of("Main", "started by the launcher"))
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.capataz.agent"));
  }
}
