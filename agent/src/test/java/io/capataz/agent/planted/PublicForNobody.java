package io.capataz.agent.planted;

/** Is public though nobody outside of its package wants it. */
public class PublicForNobody {}
