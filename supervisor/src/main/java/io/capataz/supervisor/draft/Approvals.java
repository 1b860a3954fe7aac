package io.capataz.supervisor.draft;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.draft.Draft.Approval;
import io.capataz.supervisor.library.Registrations;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.Objects;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Makes API tasks of drafts, after a person has approved exactly these files. */
@Component
class Approvals {

  private final Drafts drafts;
  private final StoredFiles files;
  private final DraftRules rules;
  private final Registrations tasks;
  private final InstantSource clock;

  Approvals(
      Drafts drafts,
      StoredFiles files,
      DraftRules rules,
      Registrations tasks,
      InstantSource clock) {
    this.drafts = drafts;
    this.files = files;
    this.rules = rules;
    this.tasks = tasks;
    this.clock = clock;
  }

  /**
   * Approves the newest version, if it has that digest. If its API task could not be made the last
   * time, approving it again makes it.
   *
   * @param place where the API task runs: {@code pool} or {@code host_id}, or neither
   * @throws ApiProblem 403 if it takes another person, 409 if the digest or the state is another,
   *     400 if it can run nowhere
   */
  Draft approve(Caller.Member caller, Draft draft, String digest, ObjectNode place) {
    checkPerson(caller, draft);
    if (!draft.current().digest().equals(digest)) {
      throw ApiProblem.conflict(
          "other_digest",
          "The newest version has the digest %s, not that one. Read it before you approve it."
              .formatted(draft.current().digest()));
    }
    var body = RegistrationBody.of(draft, files.of(draft, draft.current()));
    body.setAll(place);
    tasks.check(caller, body);
    var approved = isUnfinished(draft, digest) ? draft : made(caller, draft);
    return registered(caller, approved, body);
  }

  private static boolean isUnfinished(Draft draft, String digest) {
    var approval = draft.approval();
    return draft.state() == DraftState.APPROVED
        && approval != null
        && approval.digest().equals(digest)
        && approval.apiTask() == null;
  }

  private void checkPerson(Caller.Member caller, Draft draft) {
    if (!(caller instanceof Caller.Person)) {
      throw ApiProblem.forbidden(
          "person_required",
          "A person has to approve a draft. Log in, or use a personal token; an integration token"
              + " is a program's.");
    }
    if (draft.isAuthor(caller.name()) && rules.of(draft.organization()).secondPerson()) {
      throw ApiProblem.forbidden(
          "second_person_required",
          "You asked for a version of this draft. In this organization, somebody else has to"
              + " approve it.");
    }
  }

  private Draft made(Caller.Member caller, Draft draft) {
    DraftChanges.checkState(DraftMove.APPROVE, draft);
    var version = draft.current();
    var approval =
        new Approval(
            version.number(), version.digest(), caller.name(), clock.instant(), null, null);
    var approved = draft.approved(approval);
    if (!drafts.make(DraftMove.APPROVE, approved)) {
      throw DraftChanges.changedMeanwhile();
    }
    return approved;
  }

  /** Makes the API task of what is approved; the same again makes nothing new. */
  private Draft registered(Caller.Member caller, Draft approved, ObjectNode body) {
    var made = tasks.register(caller, body);
    var digest = Objects.requireNonNull(approved.approval()).digest();
    var draft = approved;
    while (true) {
      var approval = draft.approval();
      if (approval == null || !approval.digest().equals(digest)) {
        throw DraftChanges.changedMeanwhile();
      }
      var noted = draft.registered(approval.as(made.id(), made.version()));
      if (drafts.note(noted)) {
        return noted;
      }
      // Somebody has asked for another version meanwhile; this one is approved all the same.
      draft = drafts.find(draft.organization(), draft.id()).orElseThrow(Approvals::isGone);
    }
  }

  private static ApiProblem isGone() {
    return ApiProblem.notFound("The draft");
  }
}
