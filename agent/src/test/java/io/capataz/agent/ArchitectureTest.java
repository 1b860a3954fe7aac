package io.capataz.agent;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.TryCatchBlock;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.capataz.agent.planted.PublicForNobody;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the house, and for each of them a planted class that shows that it bites. */
class ArchitectureTest {

  private static final JavaClasses AGENT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.capataz");

  private static final JavaClasses PLANTED =
      new ClassFileImporter().importPackages("io.capataz.agent.planted", "org.springframework");

  /** Where everything may be caught: one run must not end the agent; a method handle may throw. */
  private static final Set<String> CATCH_ALL =
      Set.of("io.capataz.agent.job.JobLoop", "io.capataz.agent.process.LibC");

  record Rule(String name, ArchRule rule, String planted) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Rule> rules() {
    return List.of(
        new Rule(
            "plain java",
            noClasses()
                .that()
                .resideInAPackage("io.capataz..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .because("an agent must start in a second and fit into 100 MB"),
            "UsesSpring"),
        new Rule(
            "processes know nothing else",
            classes()
                .that()
                .resideInAPackage("io.capataz.agent..process..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                    "java..", "org.slf4j..", "org.jspecify..", "io.capataz.agent..process..")
                .because("a keeper that knows no jobs is to stand on the same code"),
            "KnowsJobs"),
        new Rule(
            "one class knows kafka",
            noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.capataz.agent.link.Announcements")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .because("Kafka carries news and nothing else"),
            "HearsKafka"),
        new Rule(
            "no cycles",
            slices()
                .assignedFrom(new ByPackage())
                .should()
                .beFreeOfCycles()
                .because("a package can then be understood from its own files and those below it"),
            "planted.one"),
        new Rule(
            "time is handed in",
            noClasses()
                .should()
                .callMethodWhere(
                    target(name("now")).and(target(owner(nameInPackage("java.time.")))))
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("a test must be able to say what time it is"),
            "LooksAtTheClock"),
        new Rule(
            "threads are made in main",
            noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.capataz.agent.Main")
                .should()
                .callConstructorWhere(target(owner(assignableTo(Thread.class))))
                .orShould()
                .callMethodWhere(
                    target(owner(assignableTo(Thread.class)))
                        .and(target(nameStartingWith("of")).or(target(name("startVirtualThread")))))
                .orShould()
                .callMethodWhere(target(owner(assignableTo(Executors.class))))
                .because("whoever makes threads must also know when all of them end"),
            "MakesThreads"),
        new Rule(
            "names say something",
            noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveNameMatching(".*(Util|Utils|Helper|Manager|Info|Data|DTO|VO)")
                .because("a name that fits everything says nothing"),
            "JobHelper"),
        new Rule(
            "public is for others",
            classes()
                .that()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .and()
                .resideInAPackage("io.capataz.agent..")
                .and()
                .doNotHaveFullyQualifiedName("io.capataz.agent.Main")
                .should(beUsedByAnotherPackage())
                .because("what is private can be changed without asking anybody"),
            PublicForNobody.class.getSimpleName()),
        new Rule(
            "only loops catch all",
            classes()
                .that(
                    DescribedPredicate.describe(
                        "may not catch everything", type -> !CATCH_ALL.contains(type.getName())))
                .should(notCatchEverything())
                .because("a fault that is caught too early is never found"),
            "CatchesAll"),
        new Rule(
            "nobody prints",
            noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.capataz.agent.Main")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .because("what the agent says goes to its log"),
            "Prints"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theAgentKeeps(Rule rule) {
    rule.rule.check(AGENT);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aPlantedClassBreaks(Rule rule) {
    assertThat(rule.rule.evaluate(PLANTED).getFailureReport().toString()).contains(rule.planted);
  }

  private static final class ByPackage implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(type.getPackageName());
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }

  private static DescribedPredicate<JavaClass> nameInPackage(String prefix) {
    return DescribedPredicate.describe("in " + prefix, type -> type.getName().startsWith(prefix));
  }

  private static ArchCondition<JavaClass> beUsedByAnotherPackage() {
    return new ArchCondition<>("be used by another package") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean used =
            type.getDirectDependenciesToSelf().stream()
                .anyMatch(
                    use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
        events.add(new SimpleConditionEvent(type, used, type.getName() + " is public"));
      }
    };
  }

  /** The compiler catches {@link Throwable} in a try with resources, and calls addSuppressed. */
  private static ArchCondition<JavaClass> notCatchEverything() {
    return new ArchCondition<>("not catch everything") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaCodeUnit unit : type.getCodeUnits()) {
          boolean resources =
              unit.getMethodCallsFromSelf().stream()
                  .anyMatch(call -> call.getName().equals("addSuppressed"));
          for (TryCatchBlock block : unit.getTryCatchBlocks()) {
            boolean all =
                block.getCaughtThrowables().stream()
                    .anyMatch(
                        caught ->
                            caught.isEquivalentTo(Exception.class)
                                || (caught.isEquivalentTo(Throwable.class) && !resources));
            events.add(new SimpleConditionEvent(unit, !all, unit.getFullName() + " catches all"));
          }
        }
      }
    };
  }
}
