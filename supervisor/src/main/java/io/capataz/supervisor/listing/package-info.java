/**
 * Lists over HTTP: paging, sorting, filters and field selection. Shared by all features; depends on
 * none.
 */
@NullMarked
package io.capataz.supervisor.listing;

import org.jspecify.annotations.NullMarked;
