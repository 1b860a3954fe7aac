package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;

import io.capataz.supervisor.TestSupervisor;
import org.junit.jupiter.api.Test;

/** As {@link GoldenWireTest}, for indicators. */
class GoldenIndicatorTest {

  private final Story story = new Story("indicators", TestSupervisor.shared());

  @Test
  void indicators() {
    var path = "~/indicator/title/ventas%20%2F%20a%C3%B1o";
    story.tell("not there", "GET", path);
    story.tellOf("nothing sent", "POST", "~/indicator", "{}");
    var all =
        "{'title': 'ventas / año', 'name': 'sales', 'description': 'of this year', 'type':"
            + " 'progress', 'value': 41, 'state': 'normal', 'severity': 'LOW', 'acl': ['viewer'],"
            + " 'alerts': 'true', 'sticky': false, 'read_only': 'false', 'tags': ['sales'],"
            + " 'order': 3, 'width': 4, 'height': 1}";
    var id = story.tellOf("made", "PUT", path, json(all)).text("/id");
    var byId = "~/indicator/" + id;
    story.tellOf("one more", "POST", "~/indicator", json("{'title': 'errors', 'type': 'counter'}"));
    story.tellOf(
        "of the same title", "POST", "~/indicator", json("{'title': 'errors', 'type': 'text'}"));
    story.tell("the list", "GET", "~/indicator");
    story.tell("by id", "GET", byId);
    story.tell("by title", "GET", path);
    story.tellOf("changed", "PATCH", path, json("{'value': 42}"));
    story.tellOf("changed by id", "PATCH", byId, json("{'tags': ['sales', 'year']}"));
    story.tellOf("reported", "PATCH", byId + "/state", json("{'state': 'failure', 'value': 43}"));
    story.tellOf("nothing reported", "PATCH", byId + "/state", "{}");
    for (var each : new String[] {byId, path}) {
      story.tell("increased", "PATCH", each + "/increase");
      story.tell("decreased", "PATCH", each + "/decrease");
      story.tell("restarted", "PATCH", each + "/restart");
    }
    story.tellOf("replaced", "PUT", byId, json("{'value': 1}"));
    story.tell("removed", "DELETE", path);
    story.tell("removed again", "DELETE", byId);
    var errors = story.quietly("GET", "~/indicator/title/errors", null).at("/id").asString();
    story.tell("removed by id", "DELETE", "~/indicator/" + errors);
    story.end();
  }
}
