package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.thymeleaf.context.WebContext;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.web.servlet.JakartaServletWebApplication;

/** Problems as pages. Whoever is not signed in is led to the page where that is done. */
@Component
class ErrorPages {

  private final SpringTemplateEngine templates;
  private final Shells shells;

  ErrorPages(SpringTemplateEngine templates, Shells shells) {
    this.templates = templates;
    this.shells = shells;
  }

  /**
   * What a page says about a problem.
   *
   * @param request the id under which the log tells more
   */
  record ErrorView(int status, String title, String detail, String request) {}

  /**
   * Shows a problem.
   *
   * @param problem as the API answers it
   * @param response with the problem's status
   */
  void show(byte[] problem, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (response.getStatus() == HttpStatus.UNAUTHORIZED.value()) {
      leadToSignIn(request, response);
      return;
    }
    var said = MessageJson.mapper().readTree(problem);
    var view =
        new ErrorView(
            response.getStatus(),
            said.path("title").asString(""),
            said.path("detail").asString(""),
            RequestId.of(request));
    response.setContentType("text/html;charset=UTF-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    var exchange =
        JakartaServletWebApplication.buildApplication(request.getServletContext())
            .buildExchange(request, response);
    templates.process(
        "console/error",
        new WebContext(
            exchange, request.getLocale(), Map.of("shell", shells.of(request), "error", view)),
        response.getWriter());
    response.getWriter().flush();
  }

  private static void leadToSignIn(HttpServletRequest request, HttpServletResponse response) {
    ConsoleCookie.end(request, response);
    var query = request.getQueryString();
    var to = request.getRequestURI() + (query == null ? "" : "?" + query);
    var address =
        "/console/sign-in"
            + (request.getMethod().equals("GET") && to.length() < 1_000
                ? "?to=" + URLEncoder.encode(to, StandardCharsets.UTF_8)
                : "");
    if (request.getHeader("HX-Request") == null) {
      response.setStatus(HttpStatus.SEE_OTHER.value());
      response.setHeader(HttpHeaders.LOCATION, address);
    } else {
      response.setStatus(HttpStatus.OK.value());
      response.setHeader("HX-Redirect", "/console/sign-in");
    }
  }
}
