package io.capataz.cli.api;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Makes HTTP clients, and says why a call did not get through. */
final class Clients {

  private Clients() {}

  static HttpClient of(URI url) {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10));
    return (url.getScheme().equals("https") ? client : client.sslContext(trustsNobody())).build();
  }

  /** The client wants one in any case, and the usual one takes 100 ms to read certificates. */
  private static SSLContext trustsNobody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[0], new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new Failure(ExitCode.FAILED, "This JDK has no TLS.");
    }
  }

  static String unreachable(URI url, IOException e) {
    return "Cannot reach %s: %s".formatted(url, reason(e));
  }

  private static String reason(IOException e) {
    if (caused(e, UnresolvedAddressException.class) || caused(e, UnknownHostException.class)) {
      return "the name of the host is not known. Check the URL.";
    }
    return switch (e) {
      case HttpConnectTimeoutException _ ->
          "no connection within 10 seconds. Check the URL and the network.";
      case HttpTimeoutException _ -> "no answer in time.";
      case ConnectException _ -> "nothing listens there. Is the supervisor running?";
      case SSLException tls ->
          "its certificate is not accepted (%s).".formatted(String.valueOf(tls.getMessage()));
      default -> "the connection broke.";
    };
  }

  private static boolean caused(Throwable thrown, Class<? extends Throwable> type) {
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }
}
