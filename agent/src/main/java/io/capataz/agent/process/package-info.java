/**
 * Processes of the operating system: start, supervise, signal and find them. Knows nothing of jobs
 * and of the network, and imports only the JDK and SLF4J.
 */
@NullMarked
package io.capataz.agent.process;

import org.jspecify.annotations.NullMarked;
