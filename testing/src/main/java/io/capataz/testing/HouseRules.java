package io.capataz.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/**
 * The rules that hold in every module. Each is shown to fail on a planted violation by {@code
 * HouseRulesTest}; a rule that cannot fail proves nothing.
 */
public final class HouseRules {

  private static final Pattern FORBIDDEN_NAME =
      Pattern.compile(".*(Impl|Utils?|Helper|Manager|Info|Data|DTO|Dto|VO)");

  private HouseRules() {}

  /** No cycles between the packages right below {@code root}. */
  public static ArchRule noPackageCycles(String root) {
    return slices()
        .matching(root + ".(*)..")
        .should()
        .beFreeOfCycles()
        .because("a package that cannot be understood alone cannot be changed alone");
  }

  /**
   * A public top-level type is used by another package.
   *
   * @param exempt simple names of those that somebody outside the code uses, with the reason
   */
  public static ArchRule publicMeansUsedElsewhere(Map<String, String> exempt) {
    return classes()
        .that(
            matching(
                "are public and at the top level",
                type ->
                    type.isTopLevelClass()
                        && type.getModifiers()
                            .contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC)
                        && !type.getSimpleName().equals("package-info")
                        && !exempt.containsKey(type.getSimpleName())))
        .should(
            new ArchCondition<>("be used by another package") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                var used =
                    type.getDirectDependenciesToSelf().stream()
                        .anyMatch(
                            d ->
                                !d.getOriginClass().getPackageName().equals(type.getPackageName()));
                if (!used) {
                  events.add(
                      SimpleConditionEvent.violated(
                          type, type.getName() + " is public, but no other package uses it"));
                }
              }
            })
        .because("what is hidden can be changed; the default modifier is none");
  }

  /** Nobody asks the wall clock but through an injected source. */
  public static ArchRule timeIsInjected() {
    return noClasses()
        .should()
        .callMethodWhere(
            access(
                "the wall clock",
                call ->
                    (call.getTargetOwner().getPackageName().equals("java.time")
                            && call.getName().equals("now"))
                        || (call.getTargetOwner().isEquivalentTo(Clock.class)
                            && Set.of("system", "systemUTC", "systemDefaultZone")
                                .contains(call.getName()))
                        || (call.getTargetOwner().isEquivalentTo(System.class)
                            && call.getName().equals("currentTimeMillis"))))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.util.Date.class)
        .because("time is a parameter: tests move it, and it comes from one place");
  }

  /**
   * Threads and executors are made in few places, which hand them out.
   *
   * @param makers simple names of the classes that may
   */
  public static ArchRule threadsAreMadeBy(Set<String> makers) {
    return noClasses()
        .that(matching("are not " + makers, type -> !makers.contains(outermost(type))))
        .should()
        .callConstructorWhere(
            access("a thread", call -> call.getTargetOwner().isAssignableTo(Thread.class)))
        .orShould()
        .callMethodWhere(
            access(
                "a thread or an executor",
                call ->
                    call.getTargetOwner().isEquivalentTo(Executors.class)
                        || (call.getTargetOwner().isEquivalentTo(Thread.class)
                            && Set.of("ofVirtual", "ofPlatform", "startVirtualThread")
                                .contains(call.getName()))))
        .because("whoever owns a thread must be able to end it, and tests to replace it");
  }

  /** Names say what a thing is for. */
  public static ArchRule namesSayWhatFor() {
    return noClasses()
        .should(
            new ArchCondition<>("be called …Impl, …Util, …Helper, …Manager, …Info, …Data, …DTO") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                if (FORBIDDEN_NAME.matcher(type.getSimpleName()).matches()) {
                  events.add(
                      SimpleConditionEvent.satisfied(type, type.getName() + " has such a name"));
                }
              }
            })
        .because("such a name says nothing, and attracts what belongs elsewhere");
  }

  /**
   * Every {@code catch} of Exception or Throwable stands in a listed class.
   *
   * @param listed simple names, each with the reason
   */
  public static ArchRule catchAllOnlyIn(Map<String, String> listed) {
    return classes()
        .that(matching("are not " + listed.keySet(), type -> !listed.containsKey(outermost(type))))
        .should(
            new ArchCondition<>("not catch Exception or Throwable") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                for (JavaCodeUnit unit : type.getCodeUnits()) {
                  // What javac makes of try-with-resources catches Throwable to add what close()
                  // threw.
                  var closes =
                      unit.getMethodCallsFromSelf().stream()
                          .anyMatch(call -> call.getName().equals("addSuppressed"));
                  unit.getTryCatchBlocks().stream()
                      .flatMap(block -> block.getCaughtThrowables().stream())
                      .filter(
                          caught ->
                              caught.isEquivalentTo(Exception.class)
                                  || caught.isEquivalentTo(Throwable.class))
                      .filter(caught -> !closes || !caught.isEquivalentTo(Throwable.class))
                      .forEach(
                          caught ->
                              events.add(
                                  SimpleConditionEvent.violated(
                                      unit,
                                      unit.getFullName() + " catches " + caught.getSimpleName())));
                }
              }
            })
        .because("an exception is caught where one can decide; else a fault becomes a mystery");
  }

  /**
   * Nothing is printed past the log.
   *
   * @param talkers simple names of the classes that speak to a person at a terminal
   */
  public static ArchRule nothingIsPrintedBut(Set<String> talkers) {
    return noClasses()
        .that(matching("are not " + talkers, type -> !talkers.contains(outermost(type))))
        .should()
        .accessFieldWhere(
            access(
                "System.out or System.err",
                field ->
                    field.getTargetOwner().isEquivalentTo(System.class)
                        && Set.of("out", "err").contains(field.getName())))
        .orShould()
        .callMethodWhere(
            access("printStackTrace", call -> call.getName().equals("printStackTrace")))
        .because("a log can be filtered, found and kept");
  }

  /** What a class needs comes through its constructor. */
  public static ArchRule noFieldInjection() {
    return noFields()
        .should()
        .beAnnotatedWith(
            matching(
                "an injecting annotation",
                annotation ->
                    Set.of("Autowired", "Inject", "Resource", "Value")
                        .contains(annotation.getRawType().getSimpleName())))
        .because("an object that only a framework can build cannot be tested");
  }

  /**
   * A package does not use what is built on it.
   *
   * @param root the package that all of them are in
   * @param below the one that is used
   * @param above those that use it
   */
  public static ArchRule knowsNothingOf(String root, String below, Set<String> above) {
    return noClasses()
        .that()
        .resideInAPackage(root + "." + below + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            above.stream().sorted().map(it -> root + "." + it + "..").toArray(String[]::new))
        .because("a feature is added on top of what it uses, without changing it");
  }

  /**
   * Only some packages may know a library.
   *
   * @param library a package of it, as {@code org.apache.kafka..}
   * @param allowed packages or class names, as {@code ..standalone..}
   */
  public static ArchRule onlyKnownBy(String library, String... allowed) {
    return noClasses()
        .that(
            matching(
                "are not in " + Arrays.toString(allowed),
                type ->
                    Arrays.stream(allowed)
                        .noneMatch(
                            place ->
                                type.getName().startsWith(place)
                                    || type.getPackageName().equals(place))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .because("a library that one place knows can be replaced in one place")
        .allowEmptyShould(true);
  }

  private static String outermost(JavaClass type) {
    var outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer.getSimpleName();
  }

  private static <T> DescribedPredicate<T> matching(
      String description, java.util.function.Predicate<T> predicate) {
    return DescribedPredicate.describe(description, predicate);
  }

  private static <T extends JavaAccess<?> & HasName> DescribedPredicate<T> access(
      String description, java.util.function.Predicate<T> predicate) {
    return DescribedPredicate.describe(description, predicate);
  }
}
