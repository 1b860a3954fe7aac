package io.capataz.common.protocol;

/** Which versions of the agent protocol there are. Fields are only added within one version. */
public final class ProtocolVersion {

  /** What this build speaks. */
  public static final int CURRENT = 1;

  /** The oldest a supervisor of this build still answers. */
  public static final int OLDEST = 1;

  private ProtocolVersion() {}
}
