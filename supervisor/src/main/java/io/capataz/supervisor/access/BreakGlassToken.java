package io.capataz.supervisor.access;

import io.capataz.supervisor.organization.Organizations;
import io.capataz.supervisor.runtime.CapatazSettings;
import io.capataz.supervisor.runtime.OwnersFile;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * {@code capataz.rescue=true}: creates an owner's token for an organization in which nobody can log
 * in any more. It is valid for an hour and is written to {@code <data>/rescue.token}, readable by
 * its owner only. Anyone who can start a supervisor on the store could read and write all of it
 * anyway.
 */
@Component
@ConditionalOnProperty("capataz.rescue")
class BreakGlassToken implements ApplicationRunner {

  static final Duration LIFE = Duration.ofHours(1);

  private static final Logger log = LoggerFactory.getLogger(BreakGlassToken.class);

  private final CapatazSettings settings;
  private final Organizations organizations;
  private final IntegrationTokens tokens;
  private final InstantSource clock;

  BreakGlassToken(
      CapatazSettings settings,
      Organizations organizations,
      IntegrationTokens tokens,
      InstantSource clock) {
    this.settings = settings;
    this.organizations = organizations;
    this.tokens = tokens;
    this.clock = clock;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    var organization = organizations.ensure(settings.organization()).name();
    var issued = AccessKey.issue(AccessKey.Kind.IT);
    var now = clock.instant();
    var expires = now.plus(LIFE);
    var file = settings.data().resolve("rescue.token");
    OwnersFile.write(file, issued.text().reveal() + "\n");
    var _ =
        tokens.add(
            new IntegrationTokens.IntegrationToken(
                issued.key().id(),
                organization,
                "rescue",
                Role.OWNER,
                List.of(),
                null,
                issued.key().hash(),
                now,
                expires,
                null,
                "rescue",
                null));
    log.atWarn()
        .addKeyValue("organization", organization)
        .addKeyValue("file", file)
        .addKeyValue("expires", expires)
        .log("break-glass token written; remove capataz.rescue from the settings");
  }
}
