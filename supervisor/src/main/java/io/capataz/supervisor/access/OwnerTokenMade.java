package io.capataz.supervisor.access;

import io.capataz.common.secret.Secret;

/** The first start has made the owner's token of an organization. */
public record OwnerTokenMade(String organization, Secret token) {}
