package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.draft.Draft.Finding;
import io.capataz.supervisor.draft.Draft.Report;
import io.capataz.supervisor.draft.Draft.Version;
import io.capataz.supervisor.draft.Proposals.Written;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Makes drafts, and further versions of them, of what the model writes. */
@Component
class Drafting {

  private final Proposals proposals;
  private final Drafts drafts;
  private final StoredFiles files;
  private final DraftFolder folder;
  private final InstantSource clock;

  Drafting(
      Proposals proposals,
      Drafts drafts,
      StoredFiles files,
      DraftFolder folder,
      InstantSource clock) {
    this.proposals = proposals;
    this.drafts = drafts;
    this.files = files;
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * Makes a draft.
   *
   * @throws ApiProblem as {@link Proposals#write}
   */
  Draft create(Caller.Member caller, Wish wish) throws InterruptedException {
    var written = proposals.write(caller.organization(), Prompt.first(wish));
    var id = UUID.randomUUID().toString();
    var version =
        keep(caller, id, 1, wish.action(), written, new Frame(wish.type(), wish.grants()));
    var draft =
        new Draft(
            id,
            caller.organization(),
            wish.acl(),
            caller.name(),
            written.proposal().name(),
            DraftState.DRAFT,
            List.of(version),
            null,
            null,
            null,
            1,
            clock.instant());
    drafts.add(draft);
    return draft;
  }

  /**
   * Adds a version, which the model makes of the last one and a further sentence.
   *
   * @throws ApiProblem as {@link Proposals#write}; 409 if the draft has changed meanwhile, or has
   *     as many versions as it may have
   */
  Draft improve(Caller.Member caller, Draft draft, String sentence) throws InterruptedException {
    if (draft.versions().size() >= Draft.MOST_VERSIONS) {
      throw ApiProblem.conflict(
          "too_many_versions",
          "The draft has %d versions. Create a new one instead.".formatted(Draft.MOST_VERSIONS));
    }
    var last = files.of(draft, draft.current());
    var frame = Frame.of(last);
    var asked =
        Prompt.next(frame.type(), frame.grants(), last, sentence, findings(draft.current()));
    var written = proposals.write(caller.organization(), asked);
    var number = draft.current().number() + 1;
    var version = keep(caller, draft.id(), number, sentence, written, frame);
    var improved = draft.improved(version, written.proposal().name());
    if (!drafts.make(DraftMove.IMPROVE, improved)) {
      throw DraftChanges.changedMeanwhile();
    }
    return improved;
  }

  private static List<Finding> findings(Version version) {
    return Stream.of(version.check(), version.trial())
        .filter(Objects::nonNull)
        .map(Report::findings)
        .flatMap(List::stream)
        .toList();
  }

  /** What stays the same in all versions. */
  record Frame(TaskType type, List<Grant> grants) {
    Frame {
      grants = List.copyOf(grants);
    }

    static Frame of(DraftFiles files) {
      var facts = MessageJson.mapper().readTree(files.text(DraftFiles.FACTS).orElse("{}"));
      return new Frame(
          TaskType.named(facts.path("task_type").asString("")).orElseThrow(),
          facts
              .path("grants")
              .valueStream()
              .flatMap(word -> Grant.named(word.asString()).stream())
              .toList());
    }
  }

  /** Stores the files first: a version whose files are not there would be of no use. */
  private Version keep(
      Caller.Member caller, String id, int number, String sentence, Written written, Frame frame) {
    var made =
        DraftFiles.of(
            caller.organization(), id, written.proposal().files(frame.type(), frame.grants()));
    folder.write(made);
    files.add(made);
    return new Version(
        number,
        made.digest(),
        sentence,
        caller.name(),
        clock.instant(),
        written.spent(),
        null,
        null);
  }
}
