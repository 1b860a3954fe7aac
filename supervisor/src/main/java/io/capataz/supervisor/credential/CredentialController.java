package io.capataz.supervisor.credential;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.credential.Credential.Kind;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.LargeBody;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Stored credentials over HTTP; not part of the seeds, but in the style of seed 004. Their content
 * is write-only.
 */
@RestController
class CredentialController {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._ -]{0,99}");
  private static final Pattern FILENAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");

  /** The limit of a single environment variable. */
  private static final int MOST_TEXT = 100_000;

  private static final int MOST_TEXT_BYTES = 120_000;

  private static final int MOST_FILE = 1024 * 1024;
  private static final int PAGE = 1_000;

  /** Read-only fields of a response. */
  private static final String[] READ_ONLY = {
    "id", "customer_name", "creation_date", "last_update", "changed_by", "customer", "access_token"
  };

  private final Credentials credentials;
  private final CredentialUsers users;
  private final InstantSource clock;

  CredentialController(Credentials credentials, CredentialUsers users, InstantSource clock) {
    this.credentials = credentials;
    this.users = users;
    this.clock = clock;
  }

  /**
   * A credential in a response, without its content.
   *
   * @param type {@code text}, {@code file} or {@code pair}
   * @param filename of a file
   * @param acls who may see that it exists, besides administrators
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CredentialView(
      String id,
      String name,
      String type,
      @Nullable String description,
      @Nullable String filename,
      List<String> acls,
      String customerName,
      Instant creationDate,
      Instant lastUpdate,
      String changedBy) {
    static CredentialView of(Credential credential) {
      return new CredentialView(
          credential.id(),
          credential.name(),
          credential.kind().wire(),
          credential.description(),
          credential.filename(),
          credential.acl().entries(),
          credential.organization(),
          credential.created(),
          credential.updated(),
          credential.changedBy());
    }
  }

  private static final Listing.Offer<Credential> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(Credential::name),
              "creation_date", new Listing.Order<>(Credential::created)),
          "name",
          Set.of("name"),
          PAGE,
          PAGE);

  /**
   * {@code GET /{customer}/credential}: lists the credentials the caller may see, by name, without
   * their content. Sorted by {@code name} or {@code creation_date}, filtered by {@code name}; see
   * {@link Listing}.
   */
  @GetMapping("/{customer}/credential")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.CREDENTIAL_READ)
  ResponseEntity<List<CredentialView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(credentials.list(caller, asked), CredentialView::of);
  }

  /** {@code GET /{customer}/credential/{id}}: returns one credential, by id or name. */
  @GetMapping("/{customer}/credential/{id}")
  @Allow(role = Role.MANAGER, scope = Scope.CREDENTIAL_READ)
  CredentialView get(@PathVariable String id, Caller.Member caller) {
    return CredentialView.of(found(caller, id));
  }

  /**
   * {@code POST /{customer}/credential}: stores a credential: {@code name}, {@code type} and its
   * content: {@code value} of a {@code text}; {@code value}, or {@code data} in base64 or as a data
   * URL, and {@code filename}, of a {@code file}; {@code user} and {@code password} of a {@code
   * pair}. Optional: {@code description}, {@code acls}. 409 if one with that name exists.
   */
  @PostMapping("/{customer}/credential")
  @Allow(role = Role.ADMIN, scope = Scope.CREDENTIAL_WRITE)
  @LargeBody
  @ResponseStatus(HttpStatus.CREATED)
  ResponseEntity<CredentialView> create(
      ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var fields = FieldReader.of(input.object()).ignoring(READ_ONLY);
    var kind = kind(fields);
    var now = clock.instant();
    var id = ObjectId.get().toHexString();
    var credential = read(fields, caller, id, kind.orElse(Kind.TEXT), now, null);
    if (!credentials.add(credential)) {
      throw nameTaken();
    }
    AuditedAct.of(caller, id).attachTo(request);
    return ResponseEntity.created(URI.create("/" + caller.organization() + "/credential/" + id))
        .body(CredentialView.of(credential));
  }

  /**
   * {@code PUT /{customer}/credential/{id}}: changes a credential. Omitted content stays, and
   * {@code type} cannot change. Runs that start afterwards get the new value. 409 if another
   * credential has that {@code name}.
   */
  @PutMapping("/{customer}/credential/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.CREDENTIAL_WRITE)
  @LargeBody
  CredentialView replace(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var before = found(caller, id);
    var fields = FieldReader.of(input.object()).ignoring(READ_ONLY);
    fields
        .text("type", 10)
        .filter(type -> !type.equals(before.kind().wire()))
        .ifPresent(
            _ ->
                fields.wrong(
                    "type",
                    "fixed",
                    "must stay "
                        + before.kind().wire()
                        + "; the type of a credential cannot be changed."));
    var credential = read(fields, caller, before.id(), before.kind(), before.created(), before);
    if (!credentials.change(credential)) {
      throw nameTaken();
    }
    return CredentialView.of(credential);
  }

  /**
   * {@code DELETE /{customer}/credential/{id}}: removes a credential. 409 while tasks use it,
   * naming them.
   */
  @DeleteMapping("/{customer}/credential/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.CREDENTIAL_WRITE)
  Map<String, String> remove(@PathVariable String id, Caller.Member caller) {
    var credential = found(caller, id);
    var tasks = users.tasksUsing(caller.organization(), credential.id());
    if (!tasks.isEmpty()) {
      throw ApiProblem.conflict(
          "in_use",
          "Tasks use this credential: "
              + String.join(", ", tasks)
              + ". Remove it from them first.");
    }
    credentials.remove(credential);
    return Map.of();
  }

  private static Optional<Kind> kind(FieldReader fields) {
    var word = fields.requiredText("type", 10);
    for (var kind : Kind.values()) {
      if (kind.wire().equals(word)) {
        return Optional.of(kind);
      }
    }
    if (!word.isEmpty()) {
      fields.wrong("type", "unknown_type", "must be text, file or pair.");
    }
    return Optional.empty();
  }

  private Credential read(
      FieldReader fields,
      Caller.Member caller,
      String id,
      Kind kind,
      Instant created,
      @Nullable Credential before) {
    var name = fields.requiredName("name", 100);
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      fields.wrong(
          "name",
          "invalid_name",
          "must start with a letter or digit and contain only letters, digits, spaces, '.',"
              + " '_' and '-'.");
    }
    var description = fields.textOrNothing("description", 10_000);
    var acl = AclFields.read(fields);
    var filename = Optional.<String>empty();
    var user = Optional.<Bytes>empty();
    Optional<Bytes> value =
        switch (kind) {
          case TEXT -> text(fields, "value", before == null);
          case FILE -> content(fields, before == null);
          case PAIR -> text(fields, "password", before == null);
        };
    if (kind == Kind.FILE) {
      filename = fields.name("filename", 100);
      filename
          .filter(n -> !FILENAME.matcher(n).matches())
          .ifPresent(_ -> fields.wrong("filename", "invalid_name", "must be a file name."));
    } else if (kind == Kind.PAIR) {
      user = text(fields, "user", before == null);
    }
    fields.done();
    var organization = caller.organization();
    return new Credential(
        id,
        organization,
        name,
        kind,
        description.orElse(null),
        filename.orElse(before == null ? null : before.filename()),
        acl.orElse(Acl.ADMINISTRATORS),
        user.map(u -> credentials.seal(organization, id, "user", u))
            .orElse(before == null ? null : before.user()),
        value
            .map(v -> credentials.seal(organization, id, "value", v))
            .orElseGet(() -> valueOf(before)),
        created,
        clock.instant(),
        caller.name());
  }

  private static Sealed valueOf(@Nullable Credential before) {
    if (before == null) {
      throw new IllegalStateException("The fields were validated, but there is no value.");
    }
    return before.value();
  }

  private static Optional<Bytes> text(FieldReader fields, String name, boolean required) {
    var text = fields.text(name, MOST_TEXT);
    if (required && !fields.has(name)) {
      fields.wrong(name, "required", "is required.");
    }
    text.filter(t -> t.indexOf('\0') >= 0)
        .ifPresent(_ -> fields.wrong(name, "nul_character", "must not contain a NUL character."));
    text.filter(t -> Bytes.utf8(t).length() > MOST_TEXT_BYTES)
        .ifPresent(
            _ ->
                fields.wrong(
                    name, "too_long", "must have at most " + MOST_TEXT_BYTES + " bytes in UTF-8."));
    return text.map(Bytes::utf8);
  }

  private static Optional<Bytes> content(FieldReader fields, boolean required) {
    var text = fields.text("value", MOST_FILE).map(Bytes::utf8);
    var data = fields.base64("data", MOST_FILE);
    if (fields.has("value") && fields.has("data")) {
      fields.wrong("data", "conflict", "must not be sent together with value.");
    } else if (required && !fields.has("value") && !fields.has("data")) {
      fields.wrong("value", "required", "is required unless data is sent.");
    }
    text.filter(bytes -> bytes.length() > MOST_FILE)
        .ifPresent(
            _ ->
                fields.wrong(
                    "value", "too_long", "must have at most " + MOST_FILE + " bytes in UTF-8."));
    return text.or(() -> data);
  }

  private Credential found(Caller.Member caller, String id) {
    return credentials.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The credential"));
  }

  private static ApiProblem nameTaken() {
    return ApiProblem.conflict(
        "name_taken", "A credential with that name exists. Use PUT to change it.");
  }
}
