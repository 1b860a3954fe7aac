package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.LargeBody;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** What waits for the reader, and their decisions. */
@Controller
class InboxPageController {

  private static final String ID = "[0-9a-f]{24}";
  private static final List<String> DONE = List.of("approved", "rejected", "answered");

  private final ConsoleApi api;
  private final InboxPages inbox;
  private final Words words;

  InboxPageController(ConsoleApi api, InboxPages inbox, Words words) {
    this.api = api;
    this.inbox = inbox;
    this.words = words;
  }

  /**
   * {@code GET /console/inbox}: what waits for the reader; {@code ?job=} the one that is shown
   * beside the list, {@code ?approved=}, {@code ?rejected=} or {@code ?answered=} the last one.
   */
  @GetMapping("/console/inbox")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    var page = page(caller, input.queryText("job"), null, null);
    for (var how : DONE) {
      input
          .queryText(how)
          .filter(id -> id.matches(ID))
          .ifPresent(id -> page.addObject("done", how).addObject("doneJob", id));
    }
    return page;
  }

  /** {@code POST /console/inbox/{id}/approve}: approves it, with a note if there is one. */
  @PostMapping("/console/inbox/{id:[0-9a-f]{24}}/approve")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_WRITE)
  ModelAndView approve(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return decide(id, input, caller, "approve", "approved");
  }

  /** {@code POST /console/inbox/{id}/reject}: rejects it, with a note if there is one. */
  @PostMapping("/console/inbox/{id:[0-9a-f]{24}}/reject")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_WRITE)
  ModelAndView reject(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return decide(id, input, caller, "reject", "rejected");
  }

  /** {@code POST /console/inbox/{id}/answer}: gives an input its values. */
  @PostMapping("/console/inbox/{id:[0-9a-f]{24}}/answer")
  @Accepts(checksQuery = true)
  @LargeBody
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView answer(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var form = RunForm.sent(inbox.taskOf(caller.organization(), id), input, words);
    var answer =
        api.send("PUT", "/" + caller.organization() + "/job/" + id + "/input", form.body(input));
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/inbox?answered=" + id)
        : page(caller, Optional.of(id), form.refused(answer), answer);
  }

  /** {@code POST /console/inbox/read}: marks all notifications as read. */
  @PostMapping("/console/inbox/read")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_WRITE)
  ModelAndView read(ApiInput input, Caller.Member caller) {
    var _ = api.send("PUT", "/" + caller.organization() + "/inbox/read", null).orProblem();
    return new ModelAndView("redirect:/console/inbox");
  }

  private ModelAndView decide(
      String id, ApiInput input, Caller.Member caller, String how, String done) {
    var body = MessageJson.mapper().createObjectNode();
    input
        .bodyText("comment")
        .map(String::strip)
        .filter(comment -> !comment.isEmpty())
        .ifPresent(comment -> body.put("comment", comment));
    var answer = api.send("PUT", "/" + caller.organization() + "/job/" + id + "/" + how, body);
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/inbox?" + done + "=" + id)
        : page(caller, Optional.of(id), null, answer);
  }

  private ModelAndView page(
      Caller.Member caller,
      Optional<String> id,
      @Nullable RunForm form,
      @Nullable ApiAnswer refused) {
    var page = new ModelAndView("console/inbox/inbox");
    page.addObject("inbox", inbox.inbox(caller.organization(), id, form));
    if (refused != null) {
      page.setStatus(HttpStatus.valueOf(refused.status()));
      page.addObject("refused", refused.detail());
    }
    return page;
  }
}
