package io.capataz.supervisor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.capataz.supervisor.access.Allow;
import io.capataz.testing.HouseRules;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.stereotype.Repository;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * The rules of the house for the supervisor. The shared ones are shown to fail by {@code
 * HouseRulesTest}, the ones of this class by the tests at its end.
 */
@AnalyzeClasses(
    packages = "io.capataz.supervisor",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.capataz.supervisor";

  @ArchTest static final ArchRule no_package_cycles = HouseRules.noPackageCycles(ROOT);

  @ArchTest
  static final ArchRule public_means_used_elsewhere =
      HouseRules.publicMeansUsedElsewhere(
          Map.of(
              "SupervisorApplication", "started by the launcher and by standalone",
              "JoinTokens", "standalone enrols its agent with one",
              "MongoClientFactory", "standalone has one, for a store in its own process",
              "Problems", "Spring calls its handlers",
              "Submissions", "the seam on which schedules, webhooks and workflows hang",
              "OriginKind", "the seam for what starts tasks"));

  @ArchTest static final ArchRule time_is_injected = HouseRules.timeIsInjected();

  @ArchTest
  static final ArchRule threads_are_made_in_one_place =
      HouseRules.threadsAreMadeBy(Set.of("ThreadConfiguration"));

  @ArchTest static final ArchRule names_say_what_for = HouseRules.namesSayWhatFor();

  @ArchTest
  static final ArchRule catch_all_only_where_listed =
      HouseRules.catchAllOnlyIn(
          Map.of("RouteFilter", "what it calls is declared to throw Exception"));

  @ArchTest static final ArchRule nothing_is_printed = HouseRules.nothingIsPrintedBut(Set.of());

  @ArchTest static final ArchRule no_field_injection = HouseRules.noFieldInjection();

  @ArchTest
  static final ArchRule kafka_clients_in_one_class_each =
      HouseRules.onlyKnownBy(
          "org.apache.kafka.clients..",
          ROOT + ".dispatch.AnnouncementTopics",
          ROOT + ".dispatch.EventTopic",
          ROOT + ".dispatch.KafkaClients",
          ROOT + ".dispatch.KafkaTopicAdmin");

  @ArchTest static final ArchRule the_store_is_for_collections = onlyCollectionsKnowTheStore();

  @ArchTest
  static final ArchRule a_job_knows_nothing_that_is_built_on_it =
      HouseRules.knowsNothingOf(
          ROOT,
          "job",
          Set.of(
              "queue",
              "run",
              "output",
              "result",
              "retention",
              "dispatch",
              "event",
              "workflow",
              "workflowrun",
              "library",
              "recipe",
              "metrics"));

  @ArchTest
  static final ArchRule parameters_know_nothing_that_declares_them =
      HouseRules.knowsNothingOf(
          ROOT, "parameter", Set.of("task", "job", "run", "workflow", "workflowrun"));

  @ArchTest
  static final ArchRule secret_keys_know_nothing_that_they_start =
      HouseRules.knowsNothingOf(ROOT, "secretkey", Set.of("task", "job", "run", "workflow"));

  @ArchTest
  static final ArchRule output_knows_nothing_of_results_and_runs =
      HouseRules.knowsNothingOf(ROOT, "output", Set.of("result", "run", "queue", "retention"));

  @ArchTest static final ArchRule routes_are_in_controllers = routesOnlyInControllers();

  @ArchTest static final ArchRule every_route_says_who_may_use_it = everyRouteIsGuarded();

  private static ArchRule onlyCollectionsKnowTheStore() {
    return noClasses()
        .that()
        .areNotAnnotatedWith(Repository.class)
        .and()
        .resideOutsideOfPackages(ROOT + ".runtime..", ROOT + ".health..", ROOT + ".listing..")
        .and()
        .areTopLevelClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.springframework.data.mongodb.core.MongoOperations")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("com.mongodb..")
        .because("what is asked of the store stands in the plural class of what is asked for");
  }

  private static ArchRule routesOnlyInControllers() {
    return methods()
        .that()
        .areMetaAnnotatedWith(RequestMapping.class)
        .or()
        .areAnnotatedWith(RequestMapping.class)
        .should()
        .beDeclaredInClassesThat()
        .haveSimpleNameEndingWith("Controller")
        .because("whoever looks for a route knows where");
  }

  private static ArchRule everyRouteIsGuarded() {
    return methods()
        .that()
        .areMetaAnnotatedWith(RequestMapping.class)
        .should()
        .beAnnotatedWith(Allow.class)
        .because("a route that nobody thought about is closed, and should not exist");
  }

  // Each of the rules above fails where it should.

  private static final JavaClasses PLANTED =
      new ClassFileImporter().importPackages(ROOT + ".planted", ROOT + ".job");

  @Test
  void a_class_that_asks_the_store_itself_is_found() {
    fails(onlyCollectionsKnowTheStore(), "AsksTheStore");
  }

  @Test
  void a_route_outside_a_controller_is_found() {
    fails(routesOnlyInControllers(), "RouteInTheWrongPlace");
  }

  @Test
  void a_route_that_does_not_say_who_may_use_it_is_found() {
    fails(everyRouteIsGuarded(), "RouteInTheWrongPlace");
  }

  private static void fails(ArchRule rule, String named) {
    var result = rule.evaluate(PLANTED);
    assertThat(result.hasViolation()).describedAs(rule.getDescription()).isTrue();
    assertThat(result.getFailureReport().toString()).contains(named);
  }
}
