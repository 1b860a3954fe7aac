/** From "this job waits for you" to "it ended like that". Begin reading at {@code JobRun}. */
@NullMarked
package io.capataz.agent.job;

import org.jspecify.annotations.NullMarked;
