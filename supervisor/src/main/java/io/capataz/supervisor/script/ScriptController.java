package io.capataz.supervisor.script;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.script.ScriptFile.Version;
import io.capataz.supervisor.script.ScriptUses.Use;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.LargeBody;
import io.capataz.supervisor.web.VersionTag;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Scripts over HTTP: the files that tasks refer to by {@code script_id} (seed 004), their versions,
 * and the tasks that use them.
 */
@RestController
class ScriptController {

  private static final int PAGE = 100;
  private static final int MOST = 1_000;

  /** How often a change is retried after a concurrent change. */
  private static final int MOST_TRIES = 5;

  private static final String[] LISTS = {"tags", "acl", "acls", "interpreter"};

  private static final Listing.Offer<ScriptFile> LIST =
      new Listing.Offer<>(
          Map.of(
              "filename", new Listing.Order<>(ScriptFile::filename),
              "creation_date", new Listing.Order<>(ScriptFile::created),
              "last_update", new Listing.Order<>(ScriptFile::updated)),
          "filename",
          Set.of("filename", "tags", "mimetype"),
          PAGE,
          MOST);

  private final ScriptFiles files;
  private final Scripts scripts;
  private final List<ScriptUses> uses;

  ScriptController(ScriptFiles files, Scripts scripts, List<ScriptUses> uses) {
    this.files = files;
    this.scripts = scripts;
    this.uses = List.copyOf(uses);
  }

  /**
   * A file in a response, with the field names of seed 004's system.
   *
   * @param acl the roles, e-mail addresses and tags that may see it, besides administrators
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FileView(
      String id,
      @JsonProperty("_type") String className,
      @JsonUnwrapped ContentView content,
      List<String> tags,
      List<String> acl,
      String customerName,
      Instant creationDate,
      Instant lastUpdate) {}

  /**
   * The current content of a file.
   *
   * @param extension the part of its name after the last dot; empty if there is none
   * @param size bytes
   * @param digest {@code sha256:…} of the content
   * @param version the number of the current version
   * @param interpreter program and options placed before the script; absent: chosen by {@code #!}
   *     or extension
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ContentView(
      String filename,
      @Nullable String description,
      String mimetype,
      String extension,
      int size,
      String digest,
      int version,
      @Nullable List<String> interpreter) {}

  /**
   * A version of a file in a response.
   *
   * @param size bytes
   * @param user who created it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record VersionView(
      int version,
      String filename,
      @Nullable List<String> interpreter,
      String digest,
      int size,
      Instant creationDate,
      String user) {}

  /** Something that uses a file, in a response. */
  record LinkedView(@JsonProperty("_type") String className, String type, String id, String name) {}

  /**
   * {@code GET /{customer}/file} and {@code GET /{customer}/script}: lists the script files (the
   * {@code script_id} of seed 004's tasks) by name. Sorted by {@code filename}, {@code
   * creation_date} or {@code last_update}; filtered by {@code filename tags mimetype}; see {@link
   * Listing}.
   */
  @GetMapping({"/{customer}/file", "/{customer}/script"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.FILE_READ)
  ResponseEntity<List<FileView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(files.list(caller, asked), ScriptController::view);
  }

  /**
   * {@code GET /{customer}/file/{id}} and {@code GET /{customer}/script/{id}}: returns one file, by
   * the {@code script_id} of a task of seed 004. A script that belongs to a task has no file, but
   * administrators can see it here. Use the {@code ETag} as {@code If-Match} of a change.
   */
  @GetMapping({"/{customer}/file/{id}", "/{customer}/script/{id}"})
  @Allow(role = Role.VIEWER, scope = Scope.FILE_READ)
  ResponseEntity<FileView> get(@PathVariable String id, Caller.Member caller) {
    return files
        .visible(caller, id)
        .map(ScriptController::answer)
        .or(() -> withoutFile(caller, id).map(script -> ResponseEntity.ok(view(script))))
        .orElseThrow(ScriptController::noSuchFile);
  }

  /**
   * {@code GET /{customer}/file/{id}/download} and {@code GET /{customer}/script/{id}/download}:
   * returns the bytes of the current version of a script of seed 004. {@code ETag} is the digest;
   * 304 if it matches {@code If-None-Match}.
   */
  @GetMapping({"/{customer}/file/{id}/download", "/{customer}/script/{id}/download"})
  @Allow(role = Role.USER, scope = Scope.FILE_READ)
  ResponseEntity<byte[]> download(@PathVariable String id, Caller.Member caller) {
    var file = files.visible(caller, id);
    if (file.isPresent()) {
      return bytes(content(file.get(), file.get().current()), file.get().mimetype());
    }
    var script = withoutFile(caller, id).orElseThrow(ScriptController::noSuchFile);
    return bytes(script, guessed(script.filename()));
  }

  /**
   * {@code GET /{customer}/file/{id}/version}: lists the versions of a script of seed 004, newest
   * first, at most the latest 200.
   */
  @GetMapping("/{customer}/file/{id}/version")
  @Allow(role = Role.VIEWER, scope = Scope.FILE_READ)
  List<VersionView> versions(@PathVariable String id, Caller.Member caller) {
    return found(caller, id).versions().reversed().stream()
        .map(
            version ->
                new VersionView(
                    version.number(),
                    version.filename(),
                    version.interpreter(),
                    version.digest(),
                    version.size(),
                    version.at(),
                    version.by()))
        .toList();
  }

  /**
   * {@code GET /{customer}/file/{id}/version/{number}/download}: returns the bytes of one version
   * of a script of seed 004.
   */
  @GetMapping("/{customer}/file/{id}/version/{number}/download")
  @Allow(role = Role.USER, scope = Scope.FILE_READ)
  ResponseEntity<byte[]> download(
      @PathVariable String id, @PathVariable String number, Caller.Member caller) {
    var file = found(caller, id);
    var version =
        file.versions().stream()
            .filter(v -> String.valueOf(v.number()).equals(number))
            .findFirst()
            .orElseThrow(() -> ApiProblem.notFound("The version"));
    return bytes(content(file, version), file.mimetype());
  }

  /**
   * {@code GET /{customer}/file/{id}/linkedmodels} and {@code GET
   * /{customer}/script/{id}/linkedmodels}: lists the tasks of seed 004 that use the script and that
   * the caller may see.
   */
  @GetMapping({"/{customer}/file/{id}/linkedmodels", "/{customer}/script/{id}/linkedmodels"})
  @Allow(role = Role.VIEWER, scope = Scope.FILE_READ)
  List<LinkedView> linked(@PathVariable String id, Caller.Member caller) {
    if (files.visible(caller, id).isEmpty() && withoutFile(caller, id).isEmpty()) {
      throw noSuchFile();
    }
    return uses(caller, id).stream()
        .map(use -> new LinkedView("Task", use.type(), use.id(), use.name()))
        .toList();
  }

  /**
   * {@code POST /{customer}/file}: creates a file that tasks of seed 004 can use as {@code
   * script_id}. JSON: {@code filename}; {@code content}, a text, or {@code data}, a data URL or
   * base64; and, each optional, {@code description interpreter tags acl mimetype}. Multipart: the
   * part {@code file}, and the others as fields; {@code filename} is optional. At most 5 MiB.
   */
  @PostMapping("/{customer}/file")
  @Allow(role = Role.ADMIN, scope = Scope.FILE_WRITE)
  @LargeBody
  ResponseEntity<FileView> create(ApiInput input, Caller.Member caller) {
    var fields = fields(input);
    var sent = ScriptUpload.read(fields);
    ScriptUpload.requireContent(fields);
    var filename =
        sent.filename() != null ? sent.filename() : Objects.requireNonNullElse(sent.partName(), "");
    if (filename.isEmpty() && !fields.has("filename")) {
      fields.wrong("filename", "required", "is required.");
    } else if (sent.filename() == null && !filename.isEmpty() && !Filename.isValid(filename)) {
      fields.wrong("file", "invalid_name", "must have a valid file name. It " + Filename.FORM);
    }
    fields.done();

    var content = Objects.requireNonNull(sent.content());
    check(filename, sent.interpreter(), content);
    var script = scripts.add(caller.organization(), filename, orNone(sent.interpreter()), content);
    return answer(
        files.add(
            new ScriptFile(
                ObjectId.get().toHexString(),
                caller.organization(),
                filename,
                Objects.requireNonNullElse(sent.description(), ""),
                Objects.requireNonNullElse(sent.tags(), List.of()),
                Objects.requireNonNullElse(sent.acl(), Acl.ADMINISTRATORS),
                Objects.requireNonNullElseGet(sent.mimetype(), () -> guessed(filename)),
                List.of(Version.of(1, script, caller.name())),
                0,
                script.created(),
                script.created())));
  }

  /**
   * {@code PUT /{customer}/file/{id}}: changes a script of seed 004, with the fields of {@code
   * POST}; omitted fields stay. New content, a new name or a new interpreter creates a new version:
   * later jobs use it, earlier ones keep theirs. Identical content creates none. With {@code
   * If-Match} and the {@code ETag} of a response: 412 if the file has changed since.
   */
  @PutMapping("/{customer}/file/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.FILE_WRITE)
  @LargeBody
  ResponseEntity<FileView> change(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    var fields = fields(input);
    var sent = ScriptUpload.read(fields);
    fields.done();
    return answer(changed(id, ifMatch, sent, caller));
  }

  /**
   * {@code PUT /{customer}/file/{id}/upload}: replaces only the content of a script of seed 004;
   * {@code content}, {@code data} or the part {@code file}. {@code If-Match} as with {@code PUT}.
   */
  @PutMapping("/{customer}/file/{id}/upload")
  @Allow(role = Role.ADMIN, scope = Scope.FILE_WRITE)
  @LargeBody
  ResponseEntity<FileView> upload(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    var fields = fields(input);
    var sent = ScriptUpload.contentOnly(fields);
    ScriptUpload.requireContent(fields);
    fields.done();
    return answer(changed(id, ifMatch, sent, caller));
  }

  /**
   * {@code DELETE /{customer}/file/{id}}: removes a script of seed 004 and its history. 409 while
   * tasks use it, naming them. Jobs created from it keep their version. {@code If-Match} as with
   * {@code PUT}.
   */
  @DeleteMapping("/{customer}/file/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.FILE_WRITE)
  ResponseEntity<Void> delete(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      Caller.Member caller) {
    var file = found(caller, id);
    tag(file).check(ifMatch);
    var uses = uses(caller, id);
    if (!uses.isEmpty()) {
      throw ApiProblem.conflict(
          "in_use",
          "The file is in use and cannot be removed. First change or remove: "
              + uses.stream()
                  .limit(20)
                  .map(use -> use.type() + " '" + use.name() + "' (" + use.id() + ")")
                  .collect(Collectors.joining(", "))
              + (uses.size() > 20 ? " and " + (uses.size() - 20) + " more." : "."));
    }
    files.remove(file);
    return ResponseEntity.noContent().build();
  }

  private ScriptFile changed(
      String id, @Nullable String ifMatch, ScriptUpload sent, Caller.Member caller) {
    for (var tries = 0; tries < MOST_TRIES; tries++) {
      var file = found(caller, id);
      tag(file).check(ifMatch);
      var next = nextVersion(file, sent, caller);
      var changed =
          next.map(file::with)
              .orElse(file)
              .described(
                  Objects.requireNonNullElse(sent.description(), file.description()),
                  Objects.requireNonNullElse(sent.tags(), file.tags()),
                  Objects.requireNonNullElse(sent.acl(), file.acl()),
                  Objects.requireNonNullElse(sent.mimetype(), file.mimetype()));
      if (changed.equals(file)) {
        return file;
      }
      var kept = files.write(changed);
      if (kept.isPresent()) {
        return kept.get();
      }
      next.ifPresent(version -> scripts.remove(file.organization(), version.script()));
    }
    throw ApiProblem.conflict(
        "changed_meanwhile", "The file was changed by another request at the same time. Retry.");
  }

  /** The new script of the file; empty if it does not change. */
  private Optional<Version> nextVersion(ScriptFile file, ScriptUpload sent, Caller.Member caller) {
    var current = file.current();
    var filename = Objects.requireNonNullElse(sent.filename(), current.filename());
    var interpreter =
        sent.interpreter() == null ? current.interpreter() : orNone(sent.interpreter());
    var digest = sent.content() == null ? current.digest() : sent.content().sha256();
    if (filename.equals(current.filename())
        && Objects.equals(interpreter, current.interpreter())
        && digest.equals(current.digest())) {
      return Optional.empty();
    }
    var content = sent.content() == null ? content(file, current).bytes() : sent.content();
    check(filename, interpreter, content);
    var script = scripts.add(file.organization(), filename, interpreter, content);
    return Optional.of(Version.of(current.number() + 1, script, caller.name()));
  }

  private static void check(String filename, @Nullable List<String> interpreter, Bytes content) {
    ScriptText.mistake(filename, interpreter, content)
        .ifPresent(
            mistake -> {
              throw ApiProblem.invalid(
                  List.of(new ApiProblem.FieldError("/content", mistake.code(), mistake.detail())));
            });
  }

  private List<Use> uses(Caller.Member caller, String id) {
    return uses.stream().flatMap(kind -> kind.of(caller, id).stream()).toList();
  }

  private ScriptFile found(Caller.Member caller, String id) {
    return files.visible(caller, id).orElseThrow(ScriptController::noSuchFile);
  }

  /** A script that belongs to a task; it has no ACL of its own. */
  private Optional<Script> withoutFile(Caller.Member caller, String id) {
    return caller.passesAcls() ? scripts.find(caller.organization(), id) : Optional.empty();
  }

  private Script content(ScriptFile file, Version version) {
    return scripts
        .find(file.organization(), version.script())
        .orElseThrow(() -> ApiProblem.notFound("The content of that version"));
  }

  private static ResponseEntity<byte[]> bytes(Script script, String mimetype) {
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType(mimetype))
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename(script.filename()).build().toString())
        .header("X-Content-Type-Options", "nosniff")
        .eTag("\"" + script.digest() + "\"")
        .body(script.content().getData());
  }

  /** A list may be sent as a single form value, or as JSON in a string. */
  private static FieldReader fields(ApiInput input) {
    var body = JsonNodeFactory.instance.objectNode();
    body.setAll(input.object());
    for (var name : LISTS) {
      var value = body.get(name);
      if (value != null
          && value.isString()
          && (!name.equals("interpreter") || value.stringValue().startsWith("["))) {
        body.set(name, list(value.stringValue()));
      }
    }
    return FieldReader.of(body).ignoring("customer", "access_token", "extension", "public");
  }

  private static ArrayNode list(String text) {
    try {
      if (text.startsWith("[") && MessageJson.mapper().readTree(text) instanceof ArrayNode list) {
        return list;
      }
    } catch (JacksonException noJson) {
      // Then it is a string that merely begins like that.
    }
    var one = JsonNodeFactory.instance.arrayNode();
    return text.isEmpty() ? one : one.add(text);
  }

  private static @Nullable List<String> orNone(@Nullable List<String> interpreter) {
    return interpreter == null || interpreter.isEmpty() ? null : interpreter;
  }

  private static String guessed(String filename) {
    return MediaTypeFactory.getMediaType(filename)
        .orElse(MediaType.APPLICATION_OCTET_STREAM)
        .toString();
  }

  private static ResponseEntity<FileView> answer(ScriptFile file) {
    return tag(file).answer(view(file));
  }

  private static VersionTag tag(ScriptFile file) {
    return new VersionTag(file.rev());
  }

  private static FileView view(ScriptFile file) {
    var current = file.current();
    return new FileView(
        file.id(),
        "Script",
        new ContentView(
            file.filename(),
            file.description().isEmpty() ? null : file.description(),
            file.mimetype(),
            extension(file.filename()),
            current.size(),
            current.digest(),
            current.number(),
            current.interpreter()),
        file.tags(),
        file.acl().entries(),
        file.organization(),
        file.created(),
        file.updated());
  }

  private static FileView view(Script script) {
    return new FileView(
        script.id(),
        "Script",
        new ContentView(
            script.filename(),
            null,
            guessed(script.filename()),
            extension(script.filename()),
            script.content().length(),
            script.digest(),
            1,
            script.interpreter()),
        List.of(),
        List.of(),
        script.organization(),
        script.created(),
        script.created());
  }

  private static String extension(String filename) {
    var dot = filename.lastIndexOf('.');
    return dot < 0 ? "" : filename.substring(dot + 1);
  }

  private static ApiProblem noSuchFile() {
    return ApiProblem.notFound("The file");
  }
}
