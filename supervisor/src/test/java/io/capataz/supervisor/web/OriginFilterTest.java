package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.supervisor.TestSupervisor;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Pages of named origins may call the API from a browser, and no others. */
class OriginFilterTest {

  private static final String PAGE = "https://intranet.example.org";

  private final OriginFilter filter = new OriginFilter(new OriginSettings(List.of(PAGE)));

  private record Passed(MockHttpServletResponse response, boolean on) {
    String header(String name) {
      return String.valueOf(response.getHeader(name));
    }
  }

  private Passed send(OriginFilter through, String method, String origin, String... headers)
      throws ServletException, IOException {
    var request = new MockHttpServletRequest(method, "/acme/task");
    request.addHeader("Origin", origin);
    for (var i = 0; i < headers.length; i += 2) {
      request.addHeader(headers[i], headers[i + 1]);
    }
    var response = new MockHttpServletResponse();
    var chain = new MockFilterChain();
    through.doFilter(request, response, chain);
    return new Passed(response, chain.getRequest() != null);
  }

  @Test
  void a_page_that_is_named_may_ask_and_read_the_answer() throws Exception {
    var passed = send(filter, "GET", PAGE);

    assertThat(passed.on()).isTrue();
    assertThat(passed.header("Access-Control-Allow-Origin")).isEqualTo(PAGE);
    assertThat(passed.header("Access-Control-Expose-Headers")).contains("ETag", "Retry-After");
    assertThat(passed.response().getHeader("Access-Control-Allow-Credentials")).isNull();
    assertThat(passed.response().getHeaders("Vary")).contains("Origin");
  }

  @Test
  void its_browser_is_told_beforehand_what_it_may_send() throws Exception {
    var passed =
        send(
            filter,
            "OPTIONS",
            PAGE,
            "Access-Control-Request-Method",
            "DELETE",
            "Access-Control-Request-Headers",
            "authorization, content-type");

    assertThat(passed.on()).isFalse();
    assertThat(passed.response().getStatus()).isEqualTo(204);
    assertThat(passed.header("Access-Control-Allow-Methods")).contains("DELETE");
    assertThat(passed.header("Access-Control-Allow-Headers")).contains("authorization");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "https://intranet.example.org.evil.example",
        "http://intranet.example.org",
        "https://intranet.example.org:8443",
        "https://INTRANET.example.org",
        "*"
      })
  void to_all_others_nothing_is_said(String origin) throws Exception {
    var asked = send(filter, "GET", origin);
    var announced = send(filter, "OPTIONS", origin, "Access-Control-Request-Method", "DELETE");

    // What comes of it is the routes' to say: a page of our own behind a proxy looks like this.
    assertThat(asked.on()).isTrue();
    assertThat(announced.on()).isFalse();
    assertThat(announced.response().getStatus()).isEqualTo(403);
    for (var passed : List.of(asked, announced)) {
      assertThat(passed.response().getHeaderNames())
          .noneMatch(name -> name.startsWith("Access-Control-"));
      assertThat(passed.response().getHeaders("Vary")).contains("Origin");
    }
  }

  @Test
  void nobody_is_named_unless_somebody_names_them() {
    var supervisor = TestSupervisor.shared();

    var answer =
        supervisor.send(
            supervisor
                .request("/acme/task")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Origin", PAGE)
                .GET());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "",
        "https://*.example.org",
        "https://example.org/",
        "https://example.org/path",
        "HTTPS://example.org",
        "file://x",
        "https://someone@example.org"
      })
  void what_is_no_origin_is_refused_at_the_start(String origin) {
    assertThatThrownBy(() -> new OriginSettings(List.of(origin)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("capataz.web.allowed-origins");
  }
}
