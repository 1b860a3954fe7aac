package io.capataz.supervisor.console;

import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A browser without scripts: it keeps cookies and sends forms. */
final class Browser {

  private static final Pattern TOKEN =
      Pattern.compile("<meta name=\"form-token\" content=\"([0-9a-f]*)\"");

  private final HttpClient http = HttpClient.newHttpClient();
  private final TestSupervisor supervisor;
  private final Map<String, String> cookies = new TreeMap<>();
  private String language = "en";

  Browser(TestSupervisor supervisor) {
    this.supervisor = supervisor;
  }

  /** A browser in which somebody has signed in with that token. */
  static Browser signedIn(TestSupervisor supervisor, String token) {
    var browser = new Browser(supervisor);
    browser.post("/console/sign-in/token", Map.of("token", token));
    return browser;
  }

  Browser reading(String other) {
    language = other;
    return this;
  }

  Map<String, String> cookies() {
    return cookies;
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET());
  }

  /** Sends a form as a page of the console does. */
  HttpResponse<String> post(String path, Map<String, String> fields) {
    var form = new TreeMap<>(fields);
    if (!cookies.isEmpty()) {
      form.putIfAbsent("form_token", formToken());
    }
    return postAsIs(path, form);
  }

  HttpResponse<String> postAsIs(String path, Map<String, String> fields, String... headers) {
    var body =
        fields.entrySet().stream()
            .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&"));
    var request =
        request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  String formToken() {
    var page = TOKEN.matcher(get("/console/components").body());
    return page.find() ? page.group(1) : "";
  }

  private HttpRequest.Builder request(String path) {
    var request =
        supervisor.request(path).header("Accept", "text/html").header("Accept-Language", language);
    if (!cookies.isEmpty()) {
      request.header(
          "Cookie",
          cookies.entrySet().stream()
              .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
              .collect(Collectors.joining("; ")));
    }
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      var answer = http.send(request.build(), BodyHandlers.ofString());
      answer.headers().allValues("Set-Cookie").forEach(this::keep);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void keep(String cookie) {
    var pair = cookie.split(";", 2)[0].split("=", 2);
    if (cookie.contains("Max-Age=0")) {
      cookies.remove(pair[0]);
    } else {
      cookies.put(pair[0], pair[1]);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
