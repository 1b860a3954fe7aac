package io.capataz.supervisor.console;

/**
 * A time as pages show it.
 *
 * @param iso for programs, and for the script that puts it into the reader's zone
 * @param ago how long ago, or in how long
 * @param exact with its zone
 * @param clock the time of the day
 */
record Moment(String iso, String ago, String exact, String clock) {}
