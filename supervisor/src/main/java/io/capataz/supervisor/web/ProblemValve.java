package io.capataz.supervisor.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;

/**
 * Renders rejections that happen before routing, such as a malformed request line or a path that
 * the firewall blocks, as {@code application/problem+json} too.
 */
final class ProblemValve extends ErrorReportValve {

  private static final Logger log = LoggerFactory.getLogger(ProblemValve.class);

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    var status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    // A client's mistake, such as an oversized header, is not our fault.
    if (throwable != null && status >= 500) {
      log.atError().setCause(throwable).log("request failed outside any route");
    }
    try {
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      var writer = response.getReporter();
      if (writer != null) {
        writer.write(Problems.textFor(status));
        response.finishResponse();
      }
    } catch (IOException e) {
      log.atDebug().log("client disconnected before the error response was sent");
    }
  }
}
