/**
 * The supervisor: accepts requests over HTTP, stores and announces jobs, and hands them to agents.
 */
@NullMarked
package io.capataz.supervisor;

import org.jspecify.annotations.NullMarked;
