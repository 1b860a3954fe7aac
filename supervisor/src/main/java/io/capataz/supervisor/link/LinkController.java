package io.capataz.supervisor.link;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.dispatch.AgentCalls;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where agents open their links. */
@RestController
@RequestMapping("/agent/v1")
class LinkController {

  private final Links links;
  private final AgentCalls calls;

  LinkController(Links links, AgentCalls calls) {
    this.links = links;
    this.calls = calls;
  }

  /**
   * {@code GET /agent/v1/link}: opens a WebSocket for the session {@code ?epoch=}; its messages are
   * {@code LinkTurn} and {@code LinkMessage}. 400 without the headers of RFC 6455; 410 if the
   * session is over.
   */
  @GetMapping("/link")
  @Allow(Allow.Who.AGENTS)
  void open(
      @RequestParam long epoch,
      Caller.Agent agent,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, ServletException {
    if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      throw ApiProblem.badRequest(
          "not_a_websocket",
          "This route opens a WebSocket. Send the Upgrade headers of RFC 6455; if they were sent, a"
              + " proxy in between has removed them.");
    }
    var host = calls.host(agent, epoch);
    var container =
        (ServerContainer) request.getServletContext().getAttribute(ServerContainer.class.getName());
    try {
      container.upgradeHttpToWebSocket(
          request, response, LinkEndpoint.config(links, agent, host), Map.of());
    } catch (DeploymentException cannot) {
      throw new ServletException(cannot);
    }
  }
}
