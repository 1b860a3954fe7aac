/** The API's own documentation: the OpenAPI document and a page to read it. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.documentation;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
