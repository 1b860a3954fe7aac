/** Scripts: immutable content identified by digest, and the files that record their history. */
@ApplicationModule(allowedDependencies = {"access", "quota"})
@NullMarked
package io.capataz.supervisor.script;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
