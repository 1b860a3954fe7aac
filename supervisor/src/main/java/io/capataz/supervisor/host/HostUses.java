package io.capataz.supervisor.host;

import java.util.List;

/** Finds the tasks that target a host or a pool, so that one in use is not removed. */
public interface HostUses {

  /** The names of tasks that target the host, the first few. */
  List<String> tasksOnHost(String organization, String host);

  /** The names of tasks that target the pool, the first few. */
  List<String> tasksInPool(String organization, String pool);
}
