/** Calls to the supervisor's API: answers, problems told in words, and streams of events. */
@NullMarked
package io.capataz.cli.api;

import org.jspecify.annotations.NullMarked;
