/** Claims jobs, runs their scripts and reports their ends. Begin reading at {@code JobRun}. */
@NullMarked
package io.capataz.agent.job;

import org.jspecify.annotations.NullMarked;
