package io.capataz.supervisor.web;

import jakarta.servlet.http.HttpServletRequest;

/** Who a request comes from, as far as it can be believed. */
public interface ClientAddress {

  /** The client's address. */
  String of(HttpServletRequest request);

  /** Whether all connections come from reverse proxies, and their addresses say nothing. */
  boolean isProxied();
}
