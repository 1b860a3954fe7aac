/** Drafts: API tasks that a model wrote from plain language, until a person approves them. */
@ApplicationModule(allowedDependencies = {"access", "job", "library", "run", "task"})
@NullMarked
package io.capataz.supervisor.draft;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
