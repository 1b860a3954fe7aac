/**
 * Lists over HTTP: paging, sorting, filters, and the fields a caller chose. Shared; knows no
 * feature.
 */
@NullMarked
package io.capataz.supervisor.listing;

import org.jspecify.annotations.NullMarked;
