/** Counters and timers of jobs and agents, and /metrics for Prometheus. */
@ApplicationModule(allowedDependencies = {"access", "host", "job"})
@NullMarked
package io.capataz.supervisor.metrics;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
