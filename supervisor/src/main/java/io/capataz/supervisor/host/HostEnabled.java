package io.capataz.supervisor.host;

/**
 * A host takes jobs again, or belongs to a pool since then: what waits for it should not wait for
 * its agent's next {@code sync}.
 */
public record HostEnabled(Host host) {}
