/** Scripts: immutable text, known by digest. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.script;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
