/**
 * The operating system's processes: started, watched, signalled, counted. Knows nothing of jobs and
 * nothing of the network, and imports only the JDK and SLF4J.
 */
@NullMarked
package io.capataz.agent.process;

import org.jspecify.annotations.NullMarked;
