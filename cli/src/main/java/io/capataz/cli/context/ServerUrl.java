package io.capataz.cli.context;

import io.capataz.cli.terminal.Failure;
import java.net.URI;
import java.net.URISyntaxException;

/** Reads the address of a supervisor. */
final class ServerUrl {

  private ServerUrl() {}

  static URI read(String text) {
    URI url;
    try {
      url = new URI(text.strip().replaceAll("/+$", ""));
    } catch (URISyntaxException e) {
      throw wrong();
    }
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    // A password in an address ends in histories and logs, so the address is not repeated either.
    if (!http || url.getHost() == null || url.getUserInfo() != null || url.getQuery() != null) {
      throw wrong();
    }
    return url;
  }

  /** Whether a token sent there can be read on the way. */
  static boolean isOpen(URI url) {
    String host = url.getHost();
    boolean here = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    return url.getScheme().equals("http") && !here;
  }

  private static Failure wrong() {
    return Failure.usage(
        "The supervisor's URL must be like https://capataz.example.org, without user, password and"
            + " query.");
  }
}
