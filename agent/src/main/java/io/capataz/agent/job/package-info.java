/**
 * Runs jobs: from the claim of a waiting job to the report of its end. Begin reading at {@code
 * JobRun}.
 */
@NullMarked
package io.capataz.agent.job;

import org.jspecify.annotations.NullMarked;
