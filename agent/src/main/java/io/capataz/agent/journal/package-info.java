/**
 * What an agent writes down about its runs, and how it recovers them after it was killed or lost
 * power. Begin reading at {@code RunJournal}.
 */
@NullMarked
package io.capataz.agent.journal;

import org.jspecify.annotations.NullMarked;
