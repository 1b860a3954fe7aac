package io.capataz.agent.process;

/**
 * A process that was alive when it was looked up.
 *
 * @param pid its id
 * @param command its command line, cut to 200 characters
 */
public record LiveProcess(long pid, String command) {}
