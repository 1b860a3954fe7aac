/**
 * What every route shares: reading input strictly, answering problems as RFC 9457. Knows no
 * feature.
 */
@NullMarked
package io.capataz.supervisor.web;

import org.jspecify.annotations.NullMarked;
