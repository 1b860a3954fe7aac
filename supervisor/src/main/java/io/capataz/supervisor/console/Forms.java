package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.node.ObjectNode;

/** What the forms of pages share: what was sent, and why it was refused. */
final class Forms {

  private Forms() {}

  /** A field; missing if nothing was typed into it. */
  static Optional<String> text(ApiInput input, String name) {
    return input.bodyText(name).map(String::strip).filter(it -> !it.isEmpty());
  }

  /** The fields of these names into which something was typed. */
  static ObjectNode sent(ApiInput input, String... names) {
    var body = MessageJson.mapper().createObjectNode();
    for (var name : List.of(names)) {
      text(input, name).ifPresent(it -> body.put(name, it));
    }
    return body;
  }

  /**
   * The page of a form, with what the API says against it.
   *
   * @param answer null: nothing was sent
   */
  static ModelAndView refused(ModelAndView page, @Nullable ApiAnswer answer) {
    if (answer != null) {
      page.setStatus(HttpStatus.valueOf(answer.status()));
      page.addObject("refused", said(answer));
    }
    return page;
  }

  private static String said(ApiAnswer answer) {
    var errors = answer.fieldErrors();
    return errors.isEmpty()
        ? answer.detail()
        : answer.detail() + " " + String.join(" ", errors.values());
  }
}
