package io.capataz.supervisor.console;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Around every page: a form must come from one of our own pages, and each page is given its frame.
 */
@Component
@ControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class PageFrames implements HandlerInterceptor, WebMvcConfigurer {

  /** The field of a form, and the header of a script, that hold the form token. */
  static final String FIELD = "form_token";

  static final String HEADER = "X-Form-Token";

  private static final int AFTER_THE_GUARD = 50;

  private final Shells shells;

  PageFrames(Shells shells) {
    this.shells = shells;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).addPathPatterns("/console", "/console/**").order(AFTER_THE_GUARD);
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getMethod().equals("POST") && !isFromOurPage(request)) {
      throw ApiProblem.forbidden(
          "This form was not sent by a page of this session. Open the page again and send it"
              + " from there.");
    }
    return true;
  }

  @Override
  public void postHandle(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable ModelAndView page) {
    if (page != null && page.getViewName() != null && !page.getViewName().startsWith("redirect:")) {
      page.addObject("shell", shells.of(request));
    }
  }

  /** What a route of the API said is what the page says. */
  @ExceptionHandler
  ResponseEntity<byte[]> refused(ApiRefusal refusal) {
    return ResponseEntity.status(refusal.answer().status())
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(refusal.answer().bytes().toArray());
  }

  private static boolean isFromOurPage(HttpServletRequest request) {
    var site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return false;
    }
    var origin = request.getHeader(HttpHeaders.ORIGIN);
    var host = request.getHeader(HttpHeaders.HOST);
    if (origin != null && !origin.equals("http://" + host) && !origin.equals("https://" + host)) {
      return false;
    }
    var session = ConsoleCookie.session(request);
    if (session.isEmpty()) {
      return true; // To sign in. There is nothing yet that another page could use.
    }
    var sent = request.getHeader(HEADER);
    var token = sent != null ? sent : ApiInput.of(request).bodyText(FIELD).orElse("");
    return MessageDigest.isEqual(
        token.getBytes(StandardCharsets.UTF_8),
        ConsoleCookie.formToken(session.get()).getBytes(StandardCharsets.US_ASCII));
  }
}
