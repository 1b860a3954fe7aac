/**
 * What all routes share: strict input parsing, and errors as RFC 9457 problems. Depends on no
 * feature.
 */
@NullMarked
package io.capataz.supervisor.web;

import org.jspecify.annotations.NullMarked;
