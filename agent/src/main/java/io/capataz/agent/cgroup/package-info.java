/**
 * Control groups of Linux, v1 and v2: limits and reliable termination for all processes of a run.
 * Imports only the JDK and SLF4J.
 */
@NullMarked
package io.capataz.agent.cgroup;

import org.jspecify.annotations.NullMarked;
