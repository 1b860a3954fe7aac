package io.capataz.supervisor.library;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.library.ApiTask.Version;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Registers API tasks that another feature has made, for all of an organization. */
@Component
public class Registrations {

  private final Libraries libraries;
  private final ApiTasks all;
  private final Scripts scripts;

  Registrations(Libraries libraries, ApiTasks all, Scripts scripts) {
    this.libraries = libraries;
    this.all = all;
    this.scripts = scripts;
  }

  /**
   * A version of an API task.
   *
   * @param id the {@code id} of {@code POST /resource}
   * @param version its number
   */
  public record Registered(String id, String version) {}

  /**
   * Checks a body of {@code POST /library}.
   *
   * @throws ApiProblem 400, naming what is wrong, also if it can run nowhere
   */
  public void check(Caller.Member caller, ObjectNode body) {
    libraries.checkTarget(caller, Registration.read(FieldReader.of(body)));
  }

  /**
   * Registers the next version, at the level of the organization. If there is one with the same
   * source, that is it: registering again after a crash makes nothing new.
   *
   * @throws ApiProblem as {@code POST /library}
   */
  public Registered register(Caller.Member caller, ObjectNode body) {
    var registration = Registration.read(FieldReader.of(body));
    var id = ApiTasks.idOf(caller.organization(), registration.library(), registration.name());
    var version =
        withSource(caller.organization(), id, registration.source())
            .orElseGet(() -> libraries.register(caller, registration).newest());
    if (version.level() == Level.U) {
      promote(caller, id, version);
    }
    return new Registered(id, version.versionNumber().toString());
  }

  private void promote(Caller.Member caller, String id, Version version) {
    try {
      var _ = libraries.promote(caller, id, version.versionNumber(), Level.O);
    } catch (ApiProblem already) {
      if (!already.code().equals("already_there")) {
        throw already;
      }
    }
  }

  private Optional<Version> withSource(String organization, String id, String source) {
    return all.find(organization, id).stream()
        .flatMap(task -> task.versions().stream())
        .filter(
            version ->
                scripts
                    .find(organization, version.script())
                    .filter(script -> script.bytes().asUtf8().equals(source))
                    .isPresent())
        .findFirst();
  }
}
