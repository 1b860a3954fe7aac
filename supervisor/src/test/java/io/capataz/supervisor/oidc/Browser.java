package io.capataz.supervisor.oidc;

import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What somebody logs in with: it keeps cookies, and goes where the test sends it. */
final class Browser {

  private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
  private final HttpClient http =
      HttpClient.newBuilder()
          .cookieHandler(cookies)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** An answer, and where it sends the browser. */
  record Page(HttpResponse<String> raw) {
    int status() {
      return raw.statusCode();
    }

    JsonNode json() {
      return MessageJson.mapper().readTree(raw.body());
    }

    String code() {
      return json().path("code").asString();
    }

    URI location() {
      return raw.uri().resolve(raw.headers().firstValue("Location").orElseThrow());
    }
  }

  Page get(URI address) {
    return send(HttpRequest.newBuilder(address).header("Accept", "text/html, */*"));
  }

  Page form(URI address, Map<String, String> fields) {
    return send(
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    fields.entrySet().stream()
                        .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                        .collect(Collectors.joining("&")))));
  }

  Page json(URI address, Object body) {
    return send(
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(MessageJson.write(body))));
  }

  List<HttpCookie> cookies() {
    return cookies.getCookieStore().getCookies();
  }

  void forget(String cookie) {
    var store = cookies.getCookieStore();
    store.getURIs().stream()
        .flatMap(uri -> store.get(uri).stream().map(each -> Map.entry(uri, each)))
        .filter(each -> each.getValue().getName().equals(cookie))
        .toList()
        .forEach(each -> store.remove(each.getKey(), each.getValue()));
  }

  /** Takes over all the cookies of another one. */
  Browser withCookiesOf(Browser other) {
    other
        .cookies
        .getCookieStore()
        .getURIs()
        .forEach(
            uri ->
                other
                    .cookies
                    .getCookieStore()
                    .get(uri)
                    .forEach(cookie -> cookies.getCookieStore().add(uri, cookie)));
    return this;
  }

  /** What stands in the query of an address. */
  record Query(Map<String, String> all) {
    /** A parameter that must be there. */
    String get(String name) {
      return Objects.requireNonNull(all.get(name), () -> "There is no " + name + " in the query.");
    }
  }

  static Query query(URI address) {
    var query = new LinkedHashMap<String, String>();
    for (var pair : address.getRawQuery().split("&", -1)) {
      var equals = pair.indexOf('=');
      query.put(
          pair.substring(0, equals),
          URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return new Query(query);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Page send(HttpRequest.Builder request) {
    try {
      return new Page(http.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
