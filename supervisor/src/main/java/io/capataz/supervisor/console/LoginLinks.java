package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.OwnerTokenMade;
import io.capataz.supervisor.runtime.CapatazSettings;
import io.capataz.supervisor.runtime.OwnersFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The link with which the owner signs in to the console for the first time, without typing. It is
 * made with the owner's token at the first start and written beside it, to {@code
 * <data>/login.link}, readable by its owner only. It works once within an hour, and only while the
 * supervisor that made it runs: nothing of it is in the store.
 */
@Component
class LoginLinks {

  private static final Logger log = LoggerFactory.getLogger(LoginLinks.class);

  private static final Duration LIFE = Duration.ofHours(1);

  /** How long the token lasts that it is exchanged for. */
  private static final Duration SESSION = Duration.ofHours(24);

  private final ConsoleApi api;
  private final InstantSource clock;
  private final Path file;
  private final Environment environment;
  private final AtomicReference<@Nullable Open> open = new AtomicReference<>();

  LoginLinks(
      ConsoleApi api, InstantSource clock, CapatazSettings settings, Environment environment) {
    this.api = api;
    this.clock = clock;
    this.file = settings.data().resolve("login.link");
    this.environment = environment;
  }

  /**
   * A link that nobody has used.
   *
   * @param owner the token that it stands for
   */
  private record Open(Secret key, OwnerTokenMade owner, Instant until) {}

  @EventListener
  void made(OwnerTokenMade owner) {
    var key = AccessKey.issue(AccessKey.Kind.LL).text();
    open.set(new Open(key, owner, clock.instant().plus(LIFE)));
    OwnersFile.write(file, address() + "/console/sign-in/link/" + key.reveal() + "\n");
    log.atInfo().addKeyValue("file", file).log("first start: link to the console written");
  }

  /** As this machine sees it; elsewhere the name is another. */
  private String address() {
    var scheme = isSecured() ? "https" : "http";
    return scheme + "://127.0.0.1:" + environment.getProperty("local.server.port", "8080");
  }

  private boolean isSecured() {
    return environment.containsProperty("server.ssl.bundle")
        || environment.containsProperty("server.ssl.certificate");
  }

  /** A token of the owner for a day; empty if this is not the link, or no longer. */
  Optional<Secret> redeem(String shown) {
    var link = open.get();
    if (link == null
        || !isMeant(link, shown)
        || !link.until().isAfter(clock.instant())
        || !open.compareAndSet(link, null)) {
      return Optional.empty();
    }
    forget();
    return Optional.of(tokenFor(link));
  }

  private static boolean isMeant(Open link, String shown) {
    var kept = AccessKey.parse(link.key().reveal()).map(AccessKey::hash).orElse("");
    return AccessKey.parse(shown).filter(key -> key.matches(kept)).isPresent();
  }

  private void forget() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.atWarn().addKeyValue("file", file).log("used link to the console not removed");
    }
  }

  private Secret tokenFor(Open link) {
    var body = MessageJson.mapper().createObjectNode();
    body.put("name", "console, first visit");
    body.put("role", "owner");
    body.put("expires", clock.instant().plus(SESSION).toString());
    var made =
        api.call(
                new ApiCall(
                    "POST",
                    "/" + link.owner().organization() + "/integration-token",
                    body,
                    link.owner().token()))
            .orProblem();
    return Secret.of(made.body().path("token").asString(""));
  }
}
