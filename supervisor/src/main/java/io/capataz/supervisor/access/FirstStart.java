package io.capataz.supervisor.access;

import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.organization.Organizations;
import io.capataz.supervisor.runtime.CapatazSettings;
import io.capataz.supervisor.runtime.OwnersFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Creates the first organization and its first integration token. There is no default secret: the
 * token is random and written only to {@code <data>/admin.token}, readable by its owner only.
 */
@Component
class FirstStart implements ApplicationRunner {

  private static final Logger log = LoggerFactory.getLogger(FirstStart.class);

  private final CapatazSettings settings;
  private final Organizations organizations;
  private final IntegrationTokens tokens;
  private final ApplicationEventPublisher events;

  FirstStart(
      CapatazSettings settings,
      Organizations organizations,
      IntegrationTokens tokens,
      ApplicationEventPublisher events) {
    this.events = events;
    this.settings = settings;
    this.organizations = organizations;
    this.tokens = tokens;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    var organization = organizations.ensure(settings.organization()).name();
    if (tokens.anyFor(organization)) {
      return;
    }
    // The file is written first: a crash in between leaves a token that the next start registers,
    // never a registered token that nobody has.
    var file = settings.data().resolve("admin.token");
    if (!Files.exists(file)) {
      write(file);
    }
    var token = contentOf(file);
    var key =
        IntegrationTokens.read(token)
            .orElseThrow(
                () ->
                    new StartFailure(
                        "The file "
                            + file
                            + " contains no valid integration token, but the"
                            + " organization '"
                            + organization
                            + "' has none yet. Remove the file and restart."));
    tokens.keep(key, organization, "first start", Role.OWNER);
    log.atInfo()
        .addKeyValue("organization", organization)
        .addKeyValue("file", file)
        .log("first start: owner's integration token written");
    events.publishEvent(new OwnerTokenMade(organization, token));
  }

  private static Secret contentOf(Path file) {
    try {
      return Secret.of(Files.readString(file).strip());
    } catch (IOException e) {
      throw new StartFailure(
          "The file %s cannot be read (%s). Make it readable for this user."
              .formatted(file.toAbsolutePath(), e.getClass().getSimpleName()));
    }
  }

  private static void write(Path file) {
    OwnersFile.write(file, AccessKey.issue(AccessKey.Kind.IT).text().reveal() + "\n");
  }
}
