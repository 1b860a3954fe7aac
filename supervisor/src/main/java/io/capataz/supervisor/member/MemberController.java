package io.capataz.supervisor.member;

import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.bson.types.ObjectId;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Members over HTTP. Seed 004's clients use {@code /api/member}. Nobody can grant or revoke a role
 * above their own.
 */
@RestController
class MemberController {

  private static final Pattern EMAIL =
      Pattern.compile("[\\x21-\\x7e&&[^@:,;<>\"\\\\]]{1,64}@[A-Za-z0-9.-]{1,180}");

  private static final Listing.Offer<Member> LIST =
      new Listing.Offer<>(
          Map.of(
              "email", new Listing.Order<>(Member::email),
              "creation_date", new Listing.Order<>(Member::created)),
          "email",
          Set.of("email", "name", "role", "tags"),
          1_000,
          1_000);

  private final Members members;
  private final PersonalTokens tokens;
  private final Passwords passwords;
  private final List<AclUses> acls;
  private final InstantSource clock;

  MemberController(
      Members members,
      PersonalTokens tokens,
      Passwords passwords,
      List<AclUses> acls,
      InstantSource clock) {
    this.members = members;
    this.tokens = tokens;
    this.passwords = passwords;
    this.acls = List.copyOf(acls);
    this.clock = clock;
  }

  /**
   * {@code GET /{customer}/member}: lists the members by address. Sorted by {@code email} or {@code
   * creation_date}; filtered by {@code email name role tags}; see {@link Listing}.
   */
  @GetMapping({"/{customer}/member", "/api/member"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.MEMBER_READ)
  ResponseEntity<List<MemberView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    var words =
        asked.filterAll("role").stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
    var roles = Arrays.stream(Role.values()).filter(role -> words.contains(role.word())).toList();
    if (roles.size() != words.stream().distinct().count()) {
      throw ApiProblem.invalid(
          List.of(new ApiProblem.FieldError("/role", "unknown_role", "must be a role.")));
    }
    return asked.answer(members.list(caller.organization(), asked, roles), MemberView::of);
  }

  /** {@code GET /{customer}/member/{id}}: returns one member. */
  @GetMapping({"/{customer}/member/{id}", "/api/member/{id}"})
  @Allow(role = Role.MANAGER, scope = Scope.MEMBER_READ)
  MemberView get(@PathVariable String id, Caller.Member caller) {
    return MemberView.of(found(caller, id));
  }

  /**
   * {@code POST /{customer}/member}: adds a person.
   *
   * <p>Fields: {@code email}; {@code name}; {@code role}, or {@code credential} as the original
   * calls it, default {@code viewer}; {@code tags} such as {@code team:billing}; {@code enabled};
   * {@code password}, 12 to 200 characters, required for logging in with a password. 403 for a role
   * above the caller's, and for tags the caller does not have or an address that is in an ACL
   * unless the caller is an administrator; 409 if a member with that address exists.
   */
  @PostMapping({"/{customer}/member", "/api/member"})
  @Allow(role = Role.MANAGER)
  MemberView add(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var email = fields.requiredText("email", 254).toLowerCase(Locale.ROOT);
    if (!email.isEmpty() && !EMAIL.matcher(email).matches()) {
      fields.wrong(
          "email", "wrong_form", "must be an e-mail address such as somebody@example.org.");
    }
    var name = fields.name("name", 200);
    var role = role(fields).orElse(Role.VIEWER);
    var tags = AclFields.tags(fields).orElse(List.of());
    var enabled = fields.truth("enabled").orElse(true);
    var password = Passwords.read(fields, "password");
    fields.done();
    mayHandle(caller, role);
    mayGive(caller, tags);
    mayGiveAddress(caller, email);
    var added =
        members
            .add(
                new Member(
                    ObjectId.get().toHexString(),
                    caller.organization(),
                    email,
                    name.orElse(email),
                    role,
                    tags,
                    enabled,
                    password.map(passwords::hash).orElse(null),
                    0,
                    0,
                    clock.instant(),
                    caller.name()))
            .orElseThrow(
                () ->
                    ApiProblem.conflict(
                        "email_taken",
                        "A member with that address exists. Use PATCH to change it."));
    AuditedAct.of(caller, added.id()).attachTo(request);
    return MemberView.of(added);
  }

  /**
   * {@code PATCH /{customer}/member/{id}}: changes {@code name}, {@code role} (or {@code
   * credential}), {@code tags}, {@code enabled}; omitted fields stay. The change takes effect with
   * the member's next request. 403 if the member's old or new role is above the caller's, for the
   * caller's own role and tags, and for tags the caller does not have; 409 if no owner would be
   * left.
   */
  @PatchMapping({"/{customer}/member/{id}", "/api/member/{id}"})
  @Allow(role = Role.MANAGER)
  MemberView change(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var name = fields.name("name", 200);
    var role = role(fields);
    var tags = AclFields.tags(fields);
    var enabled = fields.truth("enabled");
    fields.done();
    while (true) {
      var seen = found(caller, id);
      mayHandle(caller, seen.role());
      mayGive(
          caller, tags.orElse(seen.tags()).stream().filter(t -> !seen.tags().contains(t)).toList());
      var next =
          seen.with(
              name.orElse(seen.name()),
              role.orElse(seen.role()),
              tags.orElse(seen.tags()),
              enabled.orElse(seen.enabled()));
      mayHandle(caller, next.role());
      checkNotOwn(caller, seen, next);
      var leaves = seen.isEnabledOwner() && !next.isEnabledOwner();
      if (leaves && !members.mayLeave(seen)) {
        throw lastOwner();
      }
      var changed = members.replace(seen, next);
      if (leaves || next.isEnabledOwner()) {
        members.hasDecided(seen);
      }
      if (changed.isPresent()) {
        return MemberView.of(changed.get());
      }
    }
  }

  /**
   * {@code DELETE /{customer}/member/{id}}: removes a member and revokes all of their sessions and
   * personal tokens. 403 if their role is above the caller's, 409 if no owner would be left.
   */
  @DeleteMapping({"/{customer}/member/{id}", "/api/member/{id}"})
  @Allow(role = Role.MANAGER)
  Map<String, String> remove(@PathVariable String id, Caller.Member caller) {
    while (true) {
      var seen = found(caller, id);
      mayHandle(caller, seen.role());
      if (seen.isEnabledOwner() && !members.mayLeave(seen)) {
        throw lastOwner();
      }
      var removed = members.remove(seen);
      members.hasDecided(seen);
      if (removed) {
        tokens.forget(id);
        return Map.of();
      }
    }
  }

  /**
   * {@code PUT /{customer}/member/{id}/password}: sets a member's {@code password}, 12 to 200
   * characters. Ends all of their sessions and personal tokens.
   */
  @PutMapping("/{customer}/member/{id}/password")
  @Allow(role = Role.OWNER)
  MemberView setPassword(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var password = Passwords.read(fields, "password");
    if (!fields.has("password")) {
      fields.wrong("password", "required", "is required.");
    }
    fields.done();
    var _ = found(caller, id);
    var hash = passwords.hash(password.orElseThrow());
    while (true) {
      var seen = found(caller, id);
      var changed = members.replace(seen, seen.withPassword(hash));
      if (changed.isPresent()) {
        tokens.forget(id);
        return MemberView.of(changed.get());
      }
    }
  }

  private Member found(Caller.Member caller, String id) {
    return members
        .find(caller.organization(), id)
        .orElseThrow(() -> ApiProblem.notFound("The member"));
  }

  private static Optional<Role> role(FieldReader fields) {
    var role = Role.read(fields, "role");
    var credential = Role.read(fields, "credential");
    if (role.isPresent() && credential.isPresent() && !role.equals(credential)) {
      fields.wrong(
          "credential",
          "conflict",
          "must not be sent together with role; they are the same field.");
    }
    return role.or(() -> credential);
  }

  /** A tag opens objects: only members who have it may give it, to others or to themselves. */
  private static void mayGive(Caller.Member caller, List<String> tags) {
    var foreign = tags.stream().filter(tag -> !caller.tags().contains(tag)).toList();
    if (!caller.passesAcls() && !foreign.isEmpty()) {
      throw ApiProblem.forbidden(
          "You do not have the tags "
              + String.join(", ", foreign)
              + ". Only their holders and administrators can give them.");
    }
  }

  /** So does an address: somebody else's could be in an ACL before its owner is a member. */
  private void mayGiveAddress(Caller.Member caller, String email) {
    if (!caller.passesAcls()
        && acls.stream().anyMatch(it -> it.isInAcl(caller.organization(), email))) {
      throw ApiProblem.forbidden(
          "Objects are open to the address " + email + ". Only an administrator can add it.");
    }
  }

  private static void checkNotOwn(Caller.Member caller, Member seen, Member next) {
    var own = caller instanceof Caller.Person person && person.user().equals(seen.id());
    if (own && (seen.role() != next.role() || !seen.tags().equals(next.tags()))) {
      throw ApiProblem.forbidden("You cannot change your own role or tags. Ask another member.");
    }
  }

  private static void mayHandle(Caller.Member caller, Role role) {
    if (caller instanceof Caller.Machine machine && machine.isNarrowed()) {
      throw ApiProblem.forbidden(
          "This token is limited to objects with its tags. It cannot add or change members.");
    }
    if (!caller.role().covers(role)) {
      throw ApiProblem.forbidden(
          "The role " + role.word() + " is above yours, " + caller.role().word() + ".");
    }
  }

  private static ApiProblem lastOwner() {
    return ApiProblem.conflict(
        "last_owner",
        "This is the last owner of the organization. Make another member an owner first.");
  }
}
