package io.capataz.supervisor.outbound;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.outbound.HttpCall.Answer;
import io.capataz.supervisor.outbound.HttpCall.Failed;
import io.capataz.supervisor.outbound.HttpCall.Why;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Calls other systems over HTTP. Certificates are verified, each address is checked by {@link
 * AddressRules}, and time, redirects and bytes are bounded. Nothing is kept between calls: no
 * cookies, no connections.
 */
@Component
public class OutboundHttp implements DisposableBean {

  private static final int MOST_CONNECTIONS = 1_000;

  /** For each address of a host. */
  private static final Timeout CONNECTING = Timeout.ofSeconds(10);

  /** How long a body is waited for where the head is enough. */
  private static final Duration BODY = Duration.ofSeconds(2);

  private static final int PIECE = 8 * 1024;

  private static final Set<String> SCHEMES = Set.of("http", "https");

  /** Headers that may go to another server than the one they were meant for. */
  private static final Set<String> HARMLESS =
      Set.of("accept", "accept-language", "content-type", "user-agent");

  private final AddressRules rules;
  private final ExecutorService background;
  private final CloseableHttpClient client;

  OutboundHttp(AddressRules rules, ExecutorService background) {
    this.rules = rules;
    this.background = background;
    this.client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(checked(rules))
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom().setConnectTimeout(CONNECTING).build())
                    .setMaxConnTotal(MOST_CONNECTIONS)
                    .setMaxConnPerRoute(MOST_CONNECTIONS)
                    .build())
            .setConnectionReuseStrategy((_, _, _) -> false)
            .setUserAgent("Capataz")
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableAutomaticRetries()
            .disableContentCompression()
            .build();
  }

  private static DnsResolver checked(AddressRules rules) {
    return new DnsResolver() {
      @Override
      public InetAddress[] resolve(String host) throws UnknownHostException {
        return rules.resolve(host);
      }

      @Override
      public String resolveCanonicalHostname(String host) {
        return host;
      }
    };
  }

  /** Why a URL cannot be called; null: it can, as far as one can see without resolving its host. */
  public static @Nullable String whyNot(URI uri) {
    if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
      return "must begin with http:// or https://.";
    }
    if (uri.getHost() == null) {
      return "must contain a host.";
    }
    if (uri.getRawUserInfo() != null) {
      return "must not contain a user or a password; use a header.";
    }
    return null;
  }

  /**
   * Checks that a host is in a network that the operator has allowed, where calls need no TLS.
   *
   * @throws Failed if it is not, or is unknown
   */
  public void checkInside(String host) throws Failed {
    try {
      if (!rules.isInside(host)) {
        throw new Failed(
            Why.REFUSED,
            "Only https:// may be called at "
                + host
                + ". Plain http:// is for networks in capataz.outbound.allowed-networks.");
      }
    } catch (UnknownHostException unknown) {
      throw failure(unknown);
    }
  }

  /** How far a call has come. */
  private static final class Current {
    private final AtomicReference<@Nullable HttpUriRequestBase> request = new AtomicReference<>();

    /** The answer without its body; empty if the call is over. */
    private final CompletableFuture<Optional<Answer>> head = new CompletableFuture<>();
  }

  /**
   * Makes a call, and follows redirects.
   *
   * @throws Failed if there is no answer
   * @throws InterruptedException if the caller is interrupted; the call is then given up
   */
  public Answer call(HttpCall call) throws Failed, InterruptedException {
    var current = new Current();
    Future<Answer> answer = background.submit(() -> followed(call, current));
    try {
      return awaited(call, answer, current);
    } catch (TimeoutException late) {
      throw new Failed(
          Why.TIMED_OUT,
          "There was no complete answer within " + call.timeout().toSeconds() + " seconds.");
    } catch (ExecutionException failed) {
      throw failure(failed.getCause());
    } finally {
      answer.cancel(true);
      var request = current.request.get();
      if (request != null) {
        request.abort();
      }
    }
  }

  private static Answer awaited(HttpCall call, Future<Answer> answer, Current current)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (call.isHeadEnough()) {
      var head = current.head.get(call.timeout().toMillis(), TimeUnit.MILLISECONDS);
      if (head.isPresent()) {
        try {
          return answer.get(BODY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException bodyIsLate) {
          return head.get();
        }
      }
    }
    return answer.get(call.timeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Failed failure(@Nullable Throwable cause) {
    return switch (cause) {
      case Failed failed -> failed;
      case AddressRules.Refused refused ->
          new Failed(Why.REFUSED, String.valueOf(refused.getMessage()));
      case UnknownHostException unknown ->
          new Failed(Why.FAILED, "The host is unknown: " + unknown.getMessage() + ".");
      case SSLException tls -> new Failed(Why.FAILED, "TLS failed: " + tls.getMessage() + ".");
      case null, default -> new Failed(Why.FAILED, "The call failed: " + cause + ".");
    };
  }

  private Answer followed(HttpCall call, Current current) throws IOException, Failed {
    try {
      return answered(call, current);
    } finally {
      var _ = current.head.complete(Optional.empty());
    }
  }

  private Answer answered(HttpCall call, Current current) throws IOException, Failed {
    var next = call;
    for (var followed = 0; ; followed++) {
      var reason = whyNot(next.uri());
      if (reason != null) {
        throw new Failed(Why.FAILED, "The URL " + reason);
      }
      var answer = once(next, current);
      var location = answer.headers().get("location");
      if (!isRedirect(answer.status()) || location == null || call.redirects() == 0) {
        return answer;
      }
      if (followed == call.redirects()) {
        throw new Failed(Why.FAILED, "It was redirected more than " + call.redirects() + " times.");
      }
      next = redirected(next, answer.status(), location);
    }
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  /** The call that a redirect asks for; secrets do not go to another server. */
  private static HttpCall redirected(HttpCall call, int status, String location) throws Failed {
    URI uri;
    try {
      uri = call.uri().resolve(location);
    } catch (IllegalArgumentException malformed) {
      throw new Failed(Why.FAILED, "It was redirected to an address that is no URL.");
    }
    if (call.uri().getScheme().equalsIgnoreCase("https")
        && !"https".equalsIgnoreCase(uri.getScheme())) {
      throw new Failed(Why.FAILED, "It was redirected from https to " + uri.getScheme() + ".");
    }
    var asGet = status <= 303 && !call.method().equals("HEAD");
    var headers = new HashMap<>(call.headers());
    if (!origin(uri).equals(origin(call.uri()))) {
      headers.keySet().removeIf(name -> !HARMLESS.contains(name.toLowerCase(Locale.ROOT)));
    }
    return new HttpCall(
        asGet ? "GET" : call.method(),
        uri,
        headers,
        asGet ? null : call.body(),
        call.timeout(),
        call.redirects(),
        call.most(),
        call.isHeadEnough());
  }

  private static String origin(URI uri) {
    return (uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort()).toLowerCase(Locale.ROOT);
  }

  private Answer once(HttpCall call, Current current) throws IOException {
    var request = new HttpUriRequestBase(call.method(), call.uri());
    call.headers().forEach(request::setHeader);
    if (call.body() != null) {
      request.setEntity(new ByteArrayEntity(call.body().toArray(), null));
    }
    current.request.set(request);
    ClassicHttpResponse response = null;
    try {
      response = client.executeOpen(RoutingSupport.determineHost(request), request, null);
      return answer(response, call, current);
    } catch (HttpException malformed) {
      throw new IOException(malformed);
    } finally {
      // Not read to its end: there may be none.
      request.abort();
      Closer.closeQuietly(response);
    }
  }

  private static Answer answer(ClassicHttpResponse response, HttpCall call, Current current)
      throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (var header : response.getHeaders()) {
      headers.merge(
          header.getName().toLowerCase(Locale.ROOT), header.getValue(), (a, b) -> a + ", " + b);
    }
    var read = new ByteArrayOutputStream();
    var entity = response.getEntity();
    if (entity != null && call.isHeadEnough()) {
      var _ =
          current.head.complete(
              Optional.of(new Answer(response.getCode(), headers, Bytes.of(new byte[0]), true)));
    }
    try {
      if (entity != null) {
        read(entity.getContent(), call.most() + 1, read);
      }
    } catch (IOException cut) {
      if (!call.isHeadEnough()) {
        throw cut;
      }
    }
    var isCut = read.size() > call.most();
    var body = isCut ? Arrays.copyOf(read.toByteArray(), call.most()) : read.toByteArray();
    return new Answer(response.getCode(), headers, Bytes.of(body), isCut);
  }

  private static void read(InputStream from, int most, ByteArrayOutputStream into)
      throws IOException {
    var piece = new byte[PIECE];
    while (into.size() < most) {
      var length = from.read(piece, 0, Math.min(piece.length, most - into.size()));
      if (length < 0) {
        return;
      }
      into.write(piece, 0, length);
    }
  }

  @Override
  public void destroy() throws IOException {
    client.close();
  }
}
