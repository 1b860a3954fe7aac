package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.RequestId;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.filter.CompositeFilter;
import org.springframework.web.servlet.DispatcherServlet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Calls routes of the API for a page, inside this process: through the same filters, guard, checks
 * and audit log as a client's request, with the key of the person who looks. There is no other way
 * for a page to learn or to change anything.
 */
@Component
class ConsoleApi {

  private final ObjectProvider<DispatcherServlet> dispatcher;
  private final ObjectProvider<Filter> filters;
  private volatile @Nullable CompositeFilter chain;

  ConsoleApi(ObjectProvider<DispatcherServlet> dispatcher, ObjectProvider<Filter> filters) {
    this.dispatcher = dispatcher;
    this.filters = filters;
  }

  /** Asks for something; a problem becomes the page's. */
  ApiAnswer get(String path) {
    return call(new ApiCall("GET", path, null, null)).orProblem();
  }

  /** Changes something; the page decides what a problem means. */
  ApiAnswer send(String method, String path, @Nullable JsonNode body) {
    return call(new ApiCall(method, path, body, null));
  }

  /**
   * Makes a call.
   *
   * @throws IllegalStateException if no request of a browser is being answered
   */
  ApiAnswer call(ApiCall call) {
    if (!(RequestContextHolder.currentRequestAttributes()
        instanceof ServletRequestAttributes current)) {
      throw new IllegalStateException("Only an answer to a browser calls the API.");
    }
    var response = current.getResponse();
    if (response == null) {
      throw new IllegalStateException("There is nothing to answer to.");
    }
    return run(call, current.getRequest(), response);
  }

  private ApiAnswer run(ApiCall call, HttpServletRequest page, HttpServletResponse response) {
    var request = new ApiRequest(page, call, RequestId.of(page));
    var answer = new ApiResponse(response);
    try {
      filters()
          .doFilter(
              request,
              answer,
              (asked, answered) -> dispatcher.getObject().service(asked, answered));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ServletException e) {
      throw new IllegalStateException("The API did not answer a page.", e);
    }
    // What a login says to the browser is for the browser.
    answer.cookies().forEach(cookie -> response.addHeader("Set-Cookie", cookie));
    return new ApiAnswer(
        answer.getStatus(), body(answer), answer.bytes(), answer.getHeader("X-Next-Cursor"));
  }

  private static JsonNode body(ApiResponse answer) {
    var type = answer.getContentType();
    if (type == null || !type.contains("json") || answer.bytes().length() == 0) {
      return MessageJson.mapper().missingNode();
    }
    try {
      return MessageJson.mapper().readTree(answer.bytes().toArray());
    } catch (JacksonException notJson) {
      return MessageJson.mapper().missingNode(); // Of several objects, one in each line.
    }
  }

  /** The supervisor's own filters, as they stand before every route; but the console's. */
  private CompositeFilter filters() {
    var known = chain;
    if (known == null) {
      known = new CompositeFilter();
      known.setFilters(
          List.copyOf(
              filters
                  .orderedStream()
                  .filter(it -> it.getClass().getName().startsWith("io.capataz.supervisor."))
                  .filter(it -> !(it instanceof ConsoleFilter))
                  .toList()));
      chain = known;
    }
    return known;
  }
}
