package io.capataz.supervisor.library;

import io.capataz.supervisor.access.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A Python function or class that was registered in a library. It is run by an ordinary task, which
 * has the script and the parameters of the chosen version.
 *
 * @param id a UUID, which follows from organization, library and name
 * @param organization whose it is
 * @param library the named set of API tasks that it belongs to
 * @param name Python's
 * @param chosen the tenths of the version that runs if none is named
 * @param last the tenths of the version registered last; a number is not used again
 * @param versions by number, at least one
 * @param rev counts changes
 * @param created when it was first registered
 */
@Document("api_tasks")
record ApiTask(
    @Id String id,
    String organization,
    String library,
    String name,
    int chosen,
    int last,
    List<Version> versions,
    long rev,
    Instant created) {

  ApiTask {
    versions = List.copyOf(versions);
  }

  /**
   * A version. What is registered never changes; its level does.
   *
   * @param number its tenths
   * @param script the id of its script
   * @param by who registered it
   */
  record Version(
      int number,
      Level level,
      String script,
      Definition definition,
      Exposure exposure,
      String by,
      Instant at) {
    VersionNumber versionNumber() {
      return new VersionNumber(number);
    }

    /** Whether the member may run it and know of it. */
    boolean isFor(Caller.Member member) {
      return level != Level.U || by.equals(member.name()) || member.passesAcls();
    }

    Version at(Level other) {
      return new Version(number, other, script, definition, exposure, by, at);
    }
  }

  /**
   * What its author wrote.
   *
   * @param kind a function or a class
   * @param endpoints the methods of a class, or the function alone, named {@code run}
   * @param calls the API tasks that it may start
   */
  record Definition(
      Kind kind,
      List<Endpoint> endpoints,
      @Nullable String description,
      List<String> tags,
      List<Called> calls) {
    Definition {
      endpoints = List.copyOf(endpoints);
      tags = List.copyOf(tags);
      // Absent in what an older supervisor has stored.
      calls = calls == null ? List.of() : List.copyOf(calls);
    }

    Optional<Endpoint> endpoint(String wanted) {
      return endpoints.stream().filter(endpoint -> endpoint.name().equals(wanted)).findFirst();
    }
  }

  /** Another API task of the organization, by its names. */
  record Called(String library, String name) {
    /** Its id. */
    String in(String organization) {
      return ApiTasks.idOf(organization, library, name);
    }
  }

  /** The kinds of API tasks. */
  enum Kind {
    FUNCTION,
    CLASS
  }

  /** Something that can be called. */
  record Endpoint(String name, @Nullable String help, List<FunctionParameter> parameters) {

    /** The endpoint if none is named. */
    static final String USUAL = "run";

    Endpoint {
      parameters = List.copyOf(parameters);
    }
  }

  /**
   * What others may do with it; the names are those of seed 000.
   *
   * @param sourceControl who may see its source, besides its author and administrators
   * @param apiAccess whether {@code POST /resource} runs it
   * @param deployable whether it may run without being waited for
   * @param taskType for people: {@code generic}, {@code UI} or {@code operational}
   */
  record Exposure(
      SourceControl sourceControl, boolean apiAccess, boolean deployable, String taskType) {}

  /** Who may see a source; the words are those of seed 000. */
  enum SourceControl {
    VIEW("view"),
    EDIT("edit"),
    NO_ACCESS("noAccess");

    private final String word;

    SourceControl(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /** The id of the task that runs it; always the same, so that nothing is made twice. */
  String task() {
    return taskOf(id);
  }

  private static String taskOf(String id) {
    return id.replace("-", "").substring(0, 24);
  }

  /** The ids of the tasks that run what a version calls. */
  List<String> calls(Version version) {
    return version.definition().calls().stream().map(it -> taskOf(it.in(organization))).toList();
  }

  /** Whether the member may know of it; a running job knows what it calls. */
  boolean isKnownTo(Caller.Member member) {
    return !(member instanceof Caller.Run) || member.isLent(task());
  }

  Optional<Version> version(VersionNumber number) {
    return versions.stream().filter(each -> each.number() == number.tenths()).findFirst();
  }

  Version newest() {
    return versions.getLast();
  }

  Version chosenVersion() {
    return version(new VersionNumber(chosen)).orElseGet(this::newest);
  }

  /** The versions that the member may run. */
  List<Version> versionsFor(Caller.Member member) {
    return versions.stream().filter(version -> version.isFor(member)).toList();
  }

  /** The version that runs for the member if none is named: the chosen one, else their newest. */
  Optional<Version> usualFor(Caller.Member member) {
    return Stream.concat(Stream.of(chosenVersion()), versions.reversed().stream())
        .filter(version -> version.isFor(member))
        .findFirst();
  }

  /** The same with one more version, which is chosen. */
  ApiTask with(Version version) {
    return new ApiTask(
        id,
        organization,
        library,
        name,
        version.number(),
        version.number(),
        Stream.concat(versions.stream(), Stream.of(version)).toList(),
        rev + 1,
        created);
  }

  ApiTask choosing(VersionNumber number) {
    return with(number.tenths(), versions);
  }

  ApiTask promoting(VersionNumber number, Level level) {
    return with(
        chosen,
        versions.stream()
            .map(version -> version.number() == number.tenths() ? version.at(level) : version)
            .toList());
  }

  /** The same without a version that is not its last. */
  ApiTask without(VersionNumber number) {
    var rest = versions.stream().filter(each -> each.number() != number.tenths()).toList();
    return with(chosen == number.tenths() ? rest.getLast().number() : chosen, rest);
  }

  private ApiTask with(int otherChosen, List<Version> others) {
    return new ApiTask(
        id, organization, library, name, otherChosen, last, others, rev + 1, created);
  }
}
