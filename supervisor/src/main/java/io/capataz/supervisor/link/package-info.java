/**
 * One connection to each agent, over which everything goes that would otherwise be a call: orders
 * as soon as there are jobs, reports in batches, heartbeats and stops. It decides nothing: what it
 * carries is done by the same services as the calls.
 */
@ApplicationModule(allowedDependencies = {"access", "dispatch", "host", "job"})
@NullMarked
package io.capataz.supervisor.link;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
