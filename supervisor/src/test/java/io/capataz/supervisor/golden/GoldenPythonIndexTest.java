package io.capataz.supervisor.golden;

import io.capataz.supervisor.TestSupervisor;
import org.junit.jupiter.api.Test;

/** As {@link GoldenWireTest}, for the package index. The digests of its files are left out. */
class GoldenPythonIndexTest {

  @Test
  void package_index() {
    var story = new Story("package-index", TestSupervisor.shared());
    story.tell("the projects", "GET", "/sdk/simple/");
    story.tell("a project that there is not", "GET", "/sdk/simple/numpy/");
    story.tell(
        "a file that there is not", "GET", "/sdk/simple/capataz/capataz-0.0-py3-none-any.whl");
    story.end();
  }
}
