package io.capataz.supervisor.script;

import io.capataz.supervisor.access.Caller;
import java.util.List;

/**
 * Knows who uses a script's file. Features whose objects name one answer for them; files are not
 * removed while anybody does.
 */
public interface ScriptUses {

  /**
   * Something that names a file.
   *
   * @param type what it is, as {@code task}
   * @param id of the object
   * @param name what people call it
   */
  record Use(String type, String id, String name) {}

  /** All that name the file now and that the member may see; an administrator sees all. */
  List<Use> of(Caller.Member member, String file);
}
