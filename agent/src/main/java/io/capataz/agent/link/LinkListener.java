package io.capataz.agent.link;

import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.StandingClaim;

/**
 * What happens on a link. Called on threads that must not wait: none of these may block, or touch a
 * disk. None of them is called once {@link #closed} was, until the next link is open.
 */
public interface LinkListener {

  /** A link is open. */
  void opened();

  /** What to claim, asked for each turn. */
  StandingClaim standing();

  /** Orders have come. */
  void received(LinkOrders orders);

  /** Attempts are to be stopped. */
  void received(Heartbeat.Answer stops);

  /** The link is gone. */
  void closed();
}
