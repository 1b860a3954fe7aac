package io.capataz.supervisor.member;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Login, logout and the current caller over HTTP. Seed 004's clients use {@code /api/…}. */
@RestController
class SessionController {

  private static final String BASIC = "Basic ";

  private final Logins logins;
  private final Members members;
  private final Sessions sessions;
  private final PersonalTokens tokens;
  private final Passwords passwords;

  SessionController(
      Logins logins,
      Members members,
      Sessions sessions,
      PersonalTokens tokens,
      Passwords passwords) {
    this.logins = logins;
    this.members = members;
    this.sessions = sessions;
    this.tokens = tokens;
    this.passwords = passwords;
  }

  /**
   * The caller.
   *
   * @param principal the person or program
   * @param member its role, and the scopes its token is limited to, if any
   */
  record SessionView(Principal principal, Place organization, Membership member) {
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Principal(String id, String name, String username, @Nullable String email) {}

    record Place(String id, String name, String displayName) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Membership(
        String credential, String role, List<String> tags, @Nullable List<String> scopes) {}
  }

  private record Shown(String email, Secret password) {}

  /**
   * {@code POST /login}, and {@code POST /api/auth/login} of seed 004's clients: {@code email} (or
   * {@code username}), {@code password} and, if the address exists in more than one organization,
   * {@code customer}; in the body, or as HTTP Basic with {@code customer} in the query. The session
   * lasts 24 hours. 401 does not say what was wrong; 429 after too many failures.
   */
  @PostMapping({"/login", "/api/auth/login", "/api/auth/login/local"})
  @Allow(Allow.Who.ANYONE)
  @Audited
  LoginView login(ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    var fields = FieldReader.of(input.object());
    var customer = fields.text("customer", 64).or(() -> input.queryText("customer"));
    var header = request.getHeader("Authorization");
    Shown shown;
    if (header != null && header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      fields.done();
      shown = basic(header.substring(BASIC.length()).strip());
    } else {
      var username = fields.text("username", 254);
      var email = fields.text("email", 254).or(() -> username);
      if (email.isEmpty() && !fields.has("email") && !fields.has("username")) {
        fields.wrong("email", "required", "is required.");
      }
      var password = fields.requiredText("password", Passwords.LONGEST);
      if (fields.has("password") && !password.isEmpty() && password.isBlank()) {
        fields.wrong("password", "wrong_form", "must not be blank.");
      }
      fields.done();
      shown = new Shown(email.orElseThrow(), Secret.shown(password));
    }
    return begin(logins.proven(shown.email(), shown.password(), customer, request, response));
  }

  /** {@code POST /logout}: ends the session. 400 if the key is not a session's. */
  @PostMapping({"/logout", "/api/session/logout"})
  @Allow(role = Role.VIEWER)
  @Audited
  Map<String, String> logout(AccessKey key) {
    if (key.kind() != AccessKey.Kind.SE) {
      throw ApiProblem.badRequest(
          "not_a_session", "Only a session can be logged out. Revoke a token on its own route.");
    }
    sessions.end(key.id());
    return Map.of();
  }

  /**
   * {@code GET /session}, and {@code GET /api/session/profile} of seed 004's clients: returns the
   * caller.
   */
  @GetMapping({"/session", "/api/session/profile"})
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  SessionView session(Caller.Member caller) {
    var organization = caller.organization();
    return new SessionView(
        switch (caller) {
          case Caller.Person person ->
              new SessionView.Principal(
                  person.user(),
                  members
                      .find(organization, person.user())
                      .map(Member::name)
                      .orElse(person.email()),
                  person.email(),
                  person.email());
          case Caller.Machine machine ->
              new SessionView.Principal(machine.token(), machine.name(), machine.name(), null);
          case Caller.Run run ->
              new SessionView.Principal(run.job(), run.displayName(), run.name(), null);
        },
        new SessionView.Place(organization, organization, organization),
        new SessionView.Membership(
            caller.role().word(),
            caller.role().word(),
            caller.tags(),
            caller.scopes() == null
                ? null
                : caller.scopes().stream().sorted().map(Scope::word).toList()));
  }

  /**
   * {@code PUT /session/password}: changes the caller's {@code password}, 12 to 200 characters;
   * requires the {@code old_password}. Ends all sessions and personal tokens of the caller and
   * returns a new session. 401 if the old password is wrong, 409 with {@code no_password} if the
   * caller has none, 429 after too many failures.
   */
  @PutMapping("/session/password")
  @Allow(role = Role.VIEWER)
  @Audited
  LoginView changePassword(
      ApiInput input,
      Caller.Member caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    if (!(caller instanceof Caller.Person person)) {
      throw ApiProblem.forbidden("Only members have a password.");
    }
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var old = fields.requiredText("old_password", Passwords.LONGEST);
    if (!old.isEmpty() && old.isBlank()) {
      fields.wrong("old_password", "wrong_form", "must not be blank.");
    }
    var password = Passwords.read(fields, "password");
    if (!fields.has("password")) {
      fields.wrong("password", "required", "is required.");
    }
    fields.done();
    var hasPassword =
        members
            .find(person.organization(), person.user())
            .map(member -> member.password() != null)
            .orElse(true); // Gone meanwhile: the login below says what there is to say.
    if (!hasPassword) {
      throw ApiProblem.conflict(
          "no_password",
          "You have no password: you log in through your organization's provider. An"
              + " owner can set one for you.");
    }
    var seen =
        logins.proven(
            person.email(),
            Secret.shown(old),
            Optional.of(person.organization()),
            request,
            response);
    var hash = passwords.hash(password.orElseThrow());
    var changed =
        members
            .replace(seen, seen.withPassword(hash))
            .orElseThrow(
                () ->
                    ApiProblem.conflict(
                        "changed_meanwhile",
                        "The member was changed by another request at the same time. Retry."));
    tokens.forget(changed.id());
    return begin(changed);
  }

  private LoginView begin(Member member) {
    return LoginView.of(sessions.begin(member), member);
  }

  private static Shown basic(String encoded) {
    try {
      var text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      var colon = text.indexOf(':');
      if (colon > 0 && text.length() <= 500 && !text.substring(colon + 1).isBlank()) {
        return new Shown(text.substring(0, colon), Secret.shown(text.substring(colon + 1)));
      }
    } catch (IllegalArgumentException notBase64) {
      // Told below.
    }
    throw ApiProblem.unauthorized(
        "The Authorization header must be 'Basic' followed by the base64 of address:password.");
  }
}
