package io.capataz.supervisor.host;

import java.util.List;

/** Tells which tasks need a host or a pool, so that none is removed under them. */
public interface HostUses {

  /** The names of tasks that run on the host, the first few. */
  List<String> tasksOnHost(String organization, String host);

  /** The names of tasks that run in the pool, the first few. */
  List<String> tasksInPool(String organization, String pool);
}
