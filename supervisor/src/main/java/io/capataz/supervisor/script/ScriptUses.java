package io.capataz.supervisor.script;

import io.capataz.supervisor.access.Caller;
import java.util.List;

/**
 * Finds the users of a script file. Features whose objects refer to files implement it; a file in
 * use is not removed.
 */
public interface ScriptUses {

  /**
   * An object that refers to a file.
   *
   * @param type what it is, as {@code task}
   * @param id of the object
   * @param name what people call it
   */
  record Use(String type, String id, String name) {}

  /** All users of the file that the member may see; administrators see all. */
  List<Use> of(Caller.Member member, String file);
}
