/** Machines and the agents on them: enrolment, sessions, last contact. */
@NullMarked
package io.capataz.supervisor.host;

import org.jspecify.annotations.NullMarked;
