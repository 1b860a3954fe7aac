package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.draft.Draft.Version;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/** Drafts over HTTP, from their first version to their approval. */
@RestController
class DraftController {

  private static final int PAGE = 100;

  /** An id has the form of a UUID, so that no other route is meant. */
  private static final String ONE = "/draft/{id:[0-9a-f-]{36}}";

  private static final Listing.Offer<Draft> LIST =
      new Listing.Offer<>(
          Map.of("creation_date", new Listing.Order<>(Draft::created)),
          "-creation_date",
          Set.of("author", "name"),
          PAGE,
          PAGE);

  private final Drafts drafts;
  private final StoredFiles files;
  private final Drafting drafting;
  private final DraftChanges changes;
  private final Approvals approvals;

  DraftController(
      Drafts drafts,
      StoredFiles files,
      Drafting drafting,
      DraftChanges changes,
      Approvals approvals) {
    this.drafts = drafts;
    this.files = files;
    this.drafting = drafting;
    this.changes = changes;
    this.approvals = approvals;
  }

  /**
   * {@code GET /draft}: lists the drafts that the caller may see, newest first. Filtered by {@code
   * author name}; see {@link Listing}.
   */
  @GetMapping("/draft")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<List<DraftView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(drafts.list(caller, asked), DraftView::of);
  }

  /** {@code GET /draft/{id}}: returns a draft, without its files. */
  @GetMapping(ONE)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  DraftView get(@PathVariable String id, Caller.Member caller) {
    return DraftView.of(changes.found(caller, id));
  }

  /** A file of a version. */
  record DraftFileView(String name, String content) {}

  /**
   * The files of a version.
   *
   * @param digest that of a text with a line for each file, by name: the SHA-256 of its content in
   *     hexadecimal digits, two blanks, its name
   */
  record DraftFilesView(int version, String digest, List<DraftFileView> files) {}

  /**
   * {@code GET /draft/{id}/files}: returns the files of the newest version, or of {@code
   * ?version=}.
   */
  @GetMapping(ONE + "/files")
  @Accepts(query = "version")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  DraftFilesView files(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var draft = changes.found(caller, id);
    var version = version(draft, input, "version", draft.current());
    return new DraftFilesView(
        version.number(),
        version.digest(),
        files.of(draft, version).files().stream()
            .map(file -> new DraftFileView(file.name(), file.content()))
            .toList());
  }

  /**
   * {@code GET /draft/{id}/zip}: returns the same as a ZIP archive, in a folder with the name of
   * the draft's id.
   */
  @GetMapping(ONE + "/zip")
  @Accepts(query = "version")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<byte[]> zip(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var draft = changes.found(caller, id);
    var version = version(draft, input, "version", draft.current());
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("application/zip"))
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            "attachment; filename=\"" + draft.id() + "-" + version.number() + ".zip\"")
        .body(zipped(draft, version, files.of(draft, version)));
  }

  private static byte[] zipped(Draft draft, Version version, DraftFiles files) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var file : files.files()) {
        var entry = new ZipEntry(draft.id() + "/" + file.name());
        // So that the same version is the same archive.
        entry.setTime(version.at().toEpochMilli());
        zip.putNextEntry(entry);
        zip.write(file.content().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * How a file differs.
   *
   * @param lines those of both versions, with a blank, and those of one, with a minus or a plus
   *     before them
   */
  record DraftFileDifference(String name, List<String> lines) {}

  /** How two versions differ. */
  record DraftDifferenceView(int from, int to, List<DraftFileDifference> files) {}

  /**
   * {@code GET /draft/{id}/diff}: how version {@code ?to=} differs from version {@code ?from=}; by
   * default the newest from the one before it.
   */
  @GetMapping(ONE + "/diff")
  @Accepts(query = {"from", "to"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  DraftDifferenceView diff(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var draft = changes.found(caller, id);
    var versions = draft.versions();
    var to = version(draft, input, "to", draft.current());
    var before = versions.get(Math.max(0, versions.indexOf(to) - 1));
    var from = version(draft, input, "from", before);
    var old = files.of(draft, from);
    var differing = new ArrayList<DraftFileDifference>();
    for (var file : files.of(draft, to).files()) {
      var was = old.text(file.name()).orElse("");
      if (!was.equals(file.content())) {
        differing.add(new DraftFileDifference(file.name(), Difference.of(was, file.content())));
      }
    }
    return new DraftDifferenceView(from.number(), to.number(), differing);
  }

  private static Version version(Draft draft, ApiInput input, String name, Version usual) {
    var text = input.queryText(name);
    return text.isEmpty()
        ? usual
        : draft.versions().stream()
            .filter(version -> Integer.toString(version.number()).equals(text.get()))
            .findFirst()
            .orElseThrow(
                () ->
                    ApiProblem.notFound(
                        "unknown_version",
                        "The draft has the versions 1 to %d, and not the one in `%s`."
                            .formatted(draft.current().number(), name)));
  }

  /**
   * {@code POST /draft/{id}/improve}: has the model write another version, which does as the {@code
   * sentence} says. It starts as a draft again. 409 if the draft was changed meanwhile or has 40
   * versions; 422, 429 and 503 as {@code POST /api/task/create}.
   */
  @PostMapping(ONE + "/improve")
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  DraftView improve(@PathVariable String id, ApiInput input, Caller.Member caller)
      throws InterruptedException {
    var draft = changes.found(caller, id);
    var fields = reader(input);
    var sentence = fields.requiredText("sentence", Wish.LONGEST);
    fields.done();
    return DraftView.of(drafting.improve(caller, draft, sentence));
  }

  /**
   * {@code POST /draft/{id}/check}: starts a job that checks the text of the newest version, on the
   * host {@code host_id} or a host of the {@code pool}. Nothing of the draft is run. 409 if it is
   * not its turn, or a job is under way.
   */
  @PostMapping(ONE + "/check")
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  DraftView check(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return start(caller, id, Step.CHECK, input);
  }

  /**
   * {@code POST /draft/{id}/trial}: starts a job that runs the tests of the newest version,
   * contained, on the host {@code host_id} or a host of the {@code pool}, as the user {@code
   * run_as}. 409 if it is not its turn, or a job is under way.
   */
  @PostMapping(ONE + "/trial")
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  DraftView trial(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return start(caller, id, Step.TRIAL, input);
  }

  private DraftView start(Caller.Member caller, String id, Step step, ApiInput input) {
    var draft = changes.found(caller, id);
    var fields = reader(input);
    var place = place(fields);
    fields.text("run_as", 200).ifPresent(user -> place.put("run_as", user));
    fields.done();
    return DraftView.of(changes.start(caller, draft, step, new Rail.Place(place)));
  }

  private static ObjectNode place(FieldReader fields) {
    var place = MessageJson.mapper().createObjectNode();
    fields.text("pool", 100).ifPresent(pool -> place.put("pool", pool));
    fields.text("host_id", 254).ifPresent(host -> place.put("host_id", host));
    return place;
  }

  /**
   * {@code POST /draft/{id}/approve}: approves the newest version, if it has this {@code digest},
   * and makes an API task of it, which runs on the host {@code host_id} or the {@code pool}, or
   * where API tasks usually run. For people, never for programs; if the organization wants it, for
   * somebody who asked for no version. 403 if not; 409 if the digest or the state is another.
   */
  @PostMapping(ONE + "/approve")
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  DraftView approve(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var draft = changes.found(caller, id);
    var fields = reader(input);
    var digest = fields.requiredText("digest", 100);
    var place = place(fields);
    fields.done();
    return DraftView.of(approvals.approve(caller, draft, digest, place));
  }

  /**
   * {@code POST /draft/{id}/reject}: rejects a draft for a {@code reason}. 409 if it was approved.
   */
  @PostMapping(ONE + "/reject")
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  DraftView reject(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var draft = changes.found(caller, id);
    var fields = reader(input);
    var reason = fields.requiredText("reason", 2_000);
    fields.done();
    return DraftView.of(changes.reject(caller, draft, reason));
  }

  /**
   * {@code DELETE /draft/{id}}: removes a draft with all its versions. An API task that it has
   * become stays; {@code POST /api/task/{id}/run} no longer finds it.
   */
  @DeleteMapping(ONE)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  Map<String, String> delete(@PathVariable String id, Caller.Member caller) {
    changes.remove(changes.found(caller, id));
    return Map.of();
  }

  private static FieldReader reader(ApiInput input) {
    return FieldReader.of(input.object()).ignoring("customer", "access_token");
  }
}
