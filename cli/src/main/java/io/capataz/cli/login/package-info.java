/** Commands that log in and choose among the supervisors one is logged in to. */
@NullMarked
package io.capataz.cli.login;

import org.jspecify.annotations.NullMarked;
