/** Scripts: immutable text, known by digest, and the files that are their history. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.script;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
