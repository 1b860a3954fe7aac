package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** How the console looks: the reader's choices, and the page that shows every component. */
@Controller
class LookController {

  private static final Pattern OWN_PAGE = Pattern.compile("/console(?:/[A-Za-z0-9._/-]{0,500})?");

  private static final List<String> STATES =
      List.of(
          "held",
          "scheduled",
          "ready",
          "assigned",
          "running",
          "silent",
          "succeeded",
          "failed",
          "canceled",
          "expired");

  private final Words words;
  private final InstantSource clock;

  LookController(Words words, InstantSource clock) {
    this.words = words;
    this.clock = clock;
  }

  /** {@code POST /console/look}: keeps a theme or a language, and goes back to the page. */
  @PostMapping("/console/look")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView choose(ApiInput input, HttpServletRequest request, HttpServletResponse response) {
    Arrays.stream(ConsoleCookie.Choice.values())
        .forEach(
            choice ->
                input
                    .bodyText(choice.field())
                    .ifPresent(value -> ConsoleCookie.choose(request, response, choice, value)));
    return new ModelAndView(
        "redirect:" + input.bodyText("to").filter(OWN_PAGE.asMatchPredicate()).orElse("/console"));
  }

  /** {@code GET /console/components}: every component in every state, for who builds pages. */
  @GetMapping("/console/components")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView components() {
    var now = clock.instant();
    var page = new ModelAndView("console/components");
    page.addObject("badges", STATES.stream().map(words::badge).toList());
    page.addObject(
        "times",
        List.of(
            words.moment(now.minusSeconds(12)),
            words.moment(now.minus(Duration.ofMinutes(7))),
            words.moment(now.minus(Duration.ofDays(3)))));
    page.addObject("bars", List.of(StripView.sample(), StripView.of(List.of())));
    return page;
  }
}
