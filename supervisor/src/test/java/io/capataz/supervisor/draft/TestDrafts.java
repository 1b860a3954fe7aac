package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.draft.Draft.Report;
import io.capataz.supervisor.draft.Draft.Spent;
import io.capataz.supervisor.draft.Draft.Version;
import io.capataz.testing.FakeModel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Drafts without a model. */
public final class TestDrafts {

  static final String FUNCTION = "def main_function(n):\n    return [{'n': n * 2}]\n";
  static final String TESTS =
      """
      from function import main_function


      def test_it():
          assert main_function(1) == [{'n': 2}]
      """;

  private TestDrafts() {}

  /** Stores a draft of nobody, which those may see; its id. */
  public static String put(TestSupervisor supervisor, String organization, List<String> acls) {
    var id = UUID.randomUUID().toString();
    var files = files(organization, id, FUNCTION, TESTS);
    var draft = draft(id, organization, acls, files);
    supervisor.context().getBean(StoredFiles.class).add(files);
    supervisor.context().getBean(Drafts.class).add(draft);
    return id;
  }

  /** Stores a draft that has passed its trial; its id. */
  static String tried(TestSupervisor supervisor, String organization) {
    var id = UUID.randomUUID().toString();
    var files = files(organization, id, FUNCTION, TESTS);
    supervisor.context().getBean(StoredFiles.class).add(files);
    var passed = new Report("job", Instant.EPOCH, true, List.of(), Map.of());
    var drafts = supervisor.context().getBean(Drafts.class);
    var draft = draft(id, organization, List.of(), files);
    drafts.add(draft);
    for (var step : Step.values()) {
      draft = draft.with(step, passed);
      if (!drafts.make(step.passed(), draft)) {
        throw new AssertionError("Somebody else knows it.");
      }
    }
    return id;
  }

  static DraftFiles files(String organization, String id, String function, String tests) {
    var proposal = FakeModel.proposal("Double", List.of("n int"), List.of(), function, tests);
    return DraftFiles.of(
        organization,
        id,
        Proposal.of(MessageJson.mapper().readTree(proposal)).files(TaskType.INPUT, List.of()));
  }

  private static Draft draft(String id, String organization, List<String> acls, DraftFiles files) {
    var now = Instant.parse("2026-02-03T10:11:12Z");
    var version =
        new Version(1, files.digest(), "double it", "nobody", now, Spent.NOTHING, null, null);
    return new Draft(
        id,
        organization,
        new Acl(acls),
        "nobody",
        "Double",
        DraftState.DRAFT,
        List.of(version),
        null,
        null,
        null,
        1,
        now);
  }
}
