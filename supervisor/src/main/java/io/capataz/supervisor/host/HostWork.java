package io.capataz.supervisor.host;

import java.util.Collection;
import java.util.Map;

/** Reports the jobs that the agents of hosts hold. */
public interface HostWork {

  /** The number of unfinished jobs on each of these hosts; hosts without any may be absent. */
  Map<String, Integer> underWay(Collection<String> hosts);

  /** Ends the jobs on a host that was removed and cannot reconnect. */
  void endOn(String host, String why);
}
