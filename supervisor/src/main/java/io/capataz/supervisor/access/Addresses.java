package io.capataz.supervisor.access;

import io.capataz.supervisor.web.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import org.springframework.stereotype.Component;

/**
 * The client address of a request. Entries in {@code X-Forwarded-For} written by the client are not
 * trusted: only as many entries are read, from the end, as there are trusted proxies.
 */
@Component
public class Addresses implements ClientAddress {

  /** The maximum length of an IPv6 address with a zone, with some margin. */
  private static final int LONGEST = 60;

  private final ProxySettings proxy;

  Addresses(ProxySettings proxy) {
    this.proxy = proxy;
  }

  @Override
  public String of(HttpServletRequest request) {
    var hops = new ArrayList<String>();
    for (var line : Collections.list(request.getHeaders("X-Forwarded-For"))) {
      for (var hop : line.split(",", -1)) {
        hops.add(hop.strip());
      }
    }
    var place = hops.size() - proxy.trusted();
    if (proxy.trusted() == 0 || place < 0) {
      return request.getRemoteAddr();
    }
    var address = hops.get(place);
    return address.isEmpty() || address.length() > LONGEST ? request.getRemoteAddr() : address;
  }

  @Override
  public boolean isProxied() {
    return proxy.trusted() > 0;
  }
}
