package io.capataz.supervisor.task;

import io.capataz.supervisor.access.People;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.TypeAlias;

/**
 * Asks a person for the arguments, and hands them on.
 *
 * @param people who may give them; empty: whoever may see the job and has the role {@code user}
 * @param asks false: it hands on the arguments that it was run with, at once
 * @param deadline how long it waits; null: for ever
 */
@TypeAlias("ask_input")
public record AskInput(People people, boolean asks, @Nullable Duration deadline)
    implements Action {}
