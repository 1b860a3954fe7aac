/**
 * Records what the agent does in a journal, and recovers its runs after a crash or power failure.
 * Begin reading at {@code RunJournal}.
 */
@NullMarked
package io.capataz.agent.journal;

import org.jspecify.annotations.NullMarked;
