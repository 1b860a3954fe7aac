package io.capataz.supervisor.secretkey;

/**
 * What a secret key starts.
 *
 * @param kind the noun, as {@code task}
 */
public record KeyTarget(String organization, String kind, String id) {}
