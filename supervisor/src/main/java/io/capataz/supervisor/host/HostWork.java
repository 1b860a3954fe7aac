package io.capataz.supervisor.host;

import java.util.Collection;
import java.util.Map;

/** Tells what the agents of hosts hold. */
public interface HostWork {

  /** How many jobs are under way on each of these hosts; those without any may be missing. */
  Map<String, Integer> underWay(Collection<String> hosts);

  /** Ends what is under way on a host that was removed meanwhile, and cannot be heard of again. */
  void endOn(String host, String why);
}
