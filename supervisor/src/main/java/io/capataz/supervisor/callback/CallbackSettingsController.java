package io.capataz.supervisor.callback;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.callback.CallbackKey.Use;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.task.CallbackUrl;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where callbacks go by default, and the keys by which receivers know them. */
@RestController
class CallbackSettingsController {

  private static final int MOST_ORIGINS = 100;

  private static final int DAY = 24 * 3600;

  private static final int MOST_OVERLAP = 30 * DAY;

  private final Profiles profiles;
  private final CallbackKeys keys;

  CallbackSettingsController(Profiles profiles, CallbackKeys keys) {
    this.profiles = profiles;
    this.keys = keys;
  }

  /**
   * Where the ends of one's own jobs are reported.
   *
   * @param callbackUrl for jobs of which neither the run nor the task says it; absent: nowhere, or
   *     where the organization says
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ProfileView(@Nullable String callbackUrl) {}

  /**
   * An organization's settings.
   *
   * @param callbackUrl the address for jobs that name no other one
   * @param origins those to which the static key is sent
   * @param addresses e-mail addresses that may be sent to, besides those of members
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SettingsView(@Nullable String callbackUrl, List<String> origins, List<String> addresses) {
    static SettingsView of(Profile profile) {
      return new SettingsView(profile.callbackUrl(), profile.origins(), profile.addresses());
    }
  }

  /** {@code GET /{customer}/callback/profile}: returns the caller's own default. */
  @GetMapping("/{customer}/callback/profile")
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ProfileView profile(Caller.Member caller) {
    var id = User.of(caller).id();
    return new ProfileView(profiles.ofUser(caller.organization(), id).callbackUrl());
  }

  /**
   * {@code PUT /{customer}/callback/profile}: sets the caller's own default, {@code callback_url};
   * without it, there is none.
   */
  @PutMapping("/{customer}/callback/profile")
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ProfileView setProfile(ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var target = CallbackUrl.read(fields, "callback_url");
    fields.done();
    var organization = caller.organization();
    var id = Profile.idOf(organization, User.of(caller).id());
    var saved =
        profiles.save(new Profile(id, organization, target.orElse(null), List.of(), List.of()));
    return new ProfileView(saved.callbackUrl());
  }

  /** {@code GET /{customer}/callback/settings}: returns the organization's settings. */
  @GetMapping("/{customer}/callback/settings")
  @Allow(role = Role.ADMIN)
  SettingsView settings(Caller.Member caller) {
    return SettingsView.of(profiles.ofOrganization(caller.organization()));
  }

  /**
   * {@code PUT /{customer}/callback/settings}: replaces the organization's settings: {@code
   * callback_url}; {@code origins}, such as {@code https://hooks.example.org}, to which the static
   * key is sent; {@code addresses}, to which e-mail may be sent although they are no member's.
   */
  @PutMapping("/{customer}/callback/settings")
  @Allow(role = Role.ADMIN)
  SettingsView setSettings(ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var target = CallbackUrl.read(fields, "callback_url");
    var origins = origins(fields);
    var addresses = addresses(fields);
    fields.done();
    var organization = caller.organization();
    return SettingsView.of(
        profiles.save(
            new Profile(
                Profile.idOf(organization),
                organization,
                target.orElse(null),
                origins,
                addresses)));
  }

  private static List<String> origins(FieldReader fields) {
    var sent = fields.texts("origins", MOST_ORIGINS, 300).orElse(List.of());
    var origins = new LinkedHashSet<String>();
    for (var i = 0; i < sent.size(); i++) {
      var origin = sent.get(i);
      if (CallbackUrl.isEmail(origin)
          || CallbackUrl.flaw(origin) != null
          || !origin.replaceFirst("/$", "").matches("[a-zA-Z]+://[^/?]+")) {
        fields.wrong(
            "origins/" + i,
            "wrong_form",
            "must be a scheme, a host and a port, such as https://hooks.example.org.");
      } else {
        origins.add(Receivers.of(origin));
      }
    }
    return List.copyOf(origins);
  }

  private static List<String> addresses(FieldReader fields) {
    var sent = fields.texts("addresses", MOST_ORIGINS, 300).orElse(List.of());
    for (var i = 0; i < sent.size(); i++) {
      if (!CallbackUrl.isEmail(sent.get(i))) {
        fields.wrong(
            "addresses/" + i,
            "wrong_form",
            "must be an e-mail address such as somebody@example.org.");
      }
    }
    return sent.stream().map(it -> it.toLowerCase(Locale.ROOT)).distinct().toList();
  }

  /**
   * A key.
   *
   * @param use {@code live} and {@code test}: the static header of callbacks about tasks that were
   *     made with a live or a test key; {@code signing}: the signature of all callbacks
   * @param since from when it is used
   * @param until until when it is used; absent: until another one takes its place
   * @param key the key itself; only in the response that makes it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyView(
      String id,
      String use,
      Instant since,
      @Nullable Instant until,
      String madeBy,
      @Nullable String key) {
    static KeyView of(CallbackKey key, @Nullable String text) {
      return new KeyView(key.id(), key.use().word(), key.since(), key.until(), key.madeBy(), text);
    }
  }

  /** {@code GET /{customer}/callback/key}: lists the keys, newest first, without the keys. */
  @GetMapping("/{customer}/callback/key")
  @Allow(role = Role.ADMIN)
  List<KeyView> keys(Caller.Member caller) {
    return keys.all(caller.organization()).stream().map(it -> KeyView.of(it, null)).toList();
  }

  /**
   * {@code POST /{customer}/callback/key}: makes a key in place of the one there is, and shows it
   * this once. Fields: {@code use}, one of {@code live test signing}; {@code overlap}, how many
   * seconds the old one stays good, a day unless said otherwise. During the overlap callbacks are
   * signed with both; the static header has room for one, so the new one is sent after it.
   */
  @PostMapping("/{customer}/callback/key")
  @Allow(role = Role.ADMIN)
  KeyView make(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var use = use(fields);
    var overlap = Duration.ofSeconds(fields.whole("overlap", 0, MOST_OVERLAP).orElse(DAY));
    fields.done();
    var made = keys.make(caller.organization(), use.orElseThrow(), overlap, caller.name());
    AuditedAct.of(caller, made.key().id()).attachTo(request);
    return KeyView.of(made.key(), made.text().reveal());
  }

  private static Optional<Use> use(FieldReader fields) {
    var word = fields.requiredText("use", 20);
    var use = Arrays.stream(Use.values()).filter(it -> it.word().equals(word)).findFirst();
    if (use.isEmpty() && !word.isEmpty()) {
      fields.wrong("use", "unknown_word", "must be live, test or signing.");
    }
    return use;
  }

  /** {@code DELETE /{customer}/callback/key/{id}}: ends a key at once. */
  @DeleteMapping("/{customer}/callback/key/{id}")
  @Allow(role = Role.ADMIN)
  Map<String, String> revoke(@PathVariable String id, Caller.Member caller) {
    if (!keys.revoke(caller.organization(), id)) {
      throw ApiProblem.notFound("A key with that id that has not ended");
    }
    return Map.of();
  }
}
