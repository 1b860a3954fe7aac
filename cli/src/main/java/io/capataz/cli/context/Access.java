package io.capataz.cli.context;

import io.capataz.common.secret.Secret;
import java.net.URI;

/**
 * What a command talks to.
 *
 * @param url of the supervisor, without a slash at its end
 * @param organization whose objects are meant
 */
public record Access(URI url, String organization, Secret token) {

  /** What is not kept yet, of an organization that is not known yet. */
  public static Access at(String url, Secret token) {
    return new Access(ServerUrl.read(url), "", token);
  }

  /** Whether its token can be read on the way. */
  public boolean isOpen() {
    return ServerUrl.isOpen(url);
  }

  /** The same for another organization. */
  public Access in(String other) {
    return new Access(url, other, token);
  }
}
