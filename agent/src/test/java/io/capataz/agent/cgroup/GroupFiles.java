package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.file.Path;

/** Access to the files of control groups, for tests of other packages. */
public final class GroupFiles {

  private GroupFiles() {}

  /** Whether the run has a group. */
  public static boolean exist(ControlGroups groups, String run) {
    return groups.existing(run).isPresent();
  }

  /** The folder that is used for killing the run. */
  public static Path folder(ControlGroups groups, String run) {
    return groups.existing(run).orElseThrow().killFolder();
  }

  /** Writes to a file of a control group, in one write. */
  public static void write(Path file, String text) throws IOException {
    ControlGroup.write(file, text);
  }
}
