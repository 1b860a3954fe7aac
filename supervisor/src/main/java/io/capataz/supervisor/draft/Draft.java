package io.capataz.supervisor.draft;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * An API task that a model has written, until a person approves it. It is never run, except in a
 * contained trial; what runs after its approval is an API task made of it.
 *
 * @param id a UUID
 * @param organization whose it is
 * @param acl who may see it, besides those who asked for it and administrators
 * @param author who asked for its first version; a {@link Caller.Member#name}
 * @param name what the model calls the newest version
 * @param state of the newest version
 * @param versions oldest first, at least one
 * @param running the job that checks or tries the newest version; null: none
 * @param approval the last one; it is of a former version if the state is another
 * @param rejection why it was rejected; null: it is not
 * @param rev counts changes
 */
@Document("drafts")
record Draft(
    @Id String id,
    String organization,
    Acl acl,
    String author,
    String name,
    DraftState state,
    List<Version> versions,
    @Nullable Running running,
    @Nullable Approval approval,
    @Nullable Rejection rejection,
    long rev,
    Instant created) {

  /** Everything is stored in one document. */
  static final int MOST_VERSIONS = 40;

  Draft {
    versions = List.copyOf(versions);
  }

  /**
   * What the model wrote at once. It never changes; what was found out about it is added.
   *
   * @param number from 1
   * @param digest of its files, {@code sha256:…}
   * @param sentence what was asked for
   * @param by who asked
   */
  record Version(
      int number,
      String digest,
      String sentence,
      String by,
      Instant at,
      Spent spent,
      @Nullable Report check,
      @Nullable Report trial) {

    private Version with(Step step, Report report) {
      return new Version(
          number,
          digest,
          sentence,
          by,
          at,
          spent,
          step == Step.CHECK ? report : check,
          step == Step.TRIAL ? report : trial);
    }
  }

  /**
   * What a version has cost.
   *
   * @param calls of the model
   * @param inputTokens read by it
   * @param outputTokens written by it
   * @param cost in millionths of the unit of the prices in the settings
   */
  record Spent(int calls, long inputTokens, long outputTokens, long cost) {
    static final Spent NOTHING = new Spent(0, 0, 0, 0);

    Spent plus(Spent more) {
      return new Spent(
          calls + more.calls,
          inputTokens + more.inputTokens,
          outputTokens + more.outputTokens,
          cost + more.cost);
    }
  }

  /**
   * A job that checks or tries a version.
   *
   * @param job its id
   * @param version the number of the version
   */
  record Running(Step step, String job, int version, Instant since) {}

  /**
   * What a check or a trial has found.
   *
   * @param containment what held the code of a trial, by kind
   */
  record Report(
      String job,
      Instant at,
      boolean passed,
      List<Finding> findings,
      Map<String, String> containment) {
    Report {
      findings = List.copyOf(findings);
      containment = Map.copyOf(containment);
    }
  }

  /**
   * Something that is wrong with a version.
   *
   * @param file where; null: in none
   * @param line from 1; null: nowhere
   * @param rule a stable word
   */
  record Finding(@Nullable String file, @Nullable Integer line, String rule, String detail) {}

  /**
   * That a person has approved a version.
   *
   * @param digest of what was approved
   * @param apiTask the API task that it became; null: that is not done yet
   * @param apiVersion which version of it
   */
  record Approval(
      int version,
      String digest,
      String by,
      Instant at,
      @Nullable String apiTask,
      @Nullable String apiVersion) {

    /** The same with what it became. */
    Approval as(String task, String taskVersion) {
      return new Approval(version, digest, by, at, task, taskVersion);
    }
  }

  /** That somebody does not want it. */
  record Rejection(String by, Instant at, String reason) {}

  Version current() {
    return versions.getLast();
  }

  /** Whether the member may know of it. */
  boolean isFor(Caller.Member member) {
    return acl.admits(member) || isAuthor(member.name());
  }

  /** Whether one of its versions was asked for by them. */
  boolean isAuthor(String who) {
    return author.equals(who) || versions.stream().anyMatch(version -> version.by().equals(who));
  }

  /** The same while a job checks or tries it. */
  Draft running(Running job) {
    return changed(state, versions, job, approval, rejection);
  }

  /** The same with what a job has found; if it has passed, in its next state. */
  Draft with(Step step, Report report) {
    var others = new ArrayList<>(versions);
    others.set(others.size() - 1, current().with(step, report));
    return changed(report.passed() ? step.passed().to() : state, others, null, approval, rejection);
  }

  /** The same with another version, about which nothing is known. */
  Draft improved(Version version, String otherName) {
    return new Draft(
        id,
        organization,
        acl,
        author,
        otherName,
        DraftMove.IMPROVE.to(),
        Stream.concat(versions.stream(), Stream.of(version)).toList(),
        null,
        approval,
        null,
        rev + 1,
        created);
  }

  Draft approved(Approval by) {
    return changed(DraftMove.APPROVE.to(), versions, null, by, null);
  }

  /** The same with what became of its approval. */
  Draft registered(Approval complete) {
    return changed(state, versions, running, complete, rejection);
  }

  Draft rejected(Rejection why) {
    return changed(DraftMove.REJECT.to(), versions, null, approval, why);
  }

  private Draft changed(
      DraftState otherState,
      List<Version> otherVersions,
      @Nullable Running otherRunning,
      @Nullable Approval otherApproval,
      @Nullable Rejection otherRejection) {
    return new Draft(
        id,
        organization,
        acl,
        author,
        name,
        otherState,
        otherVersions,
        otherRunning,
        otherApproval,
        otherRejection,
        rev + 1,
        created);
  }
}
