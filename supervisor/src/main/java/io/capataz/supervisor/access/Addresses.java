package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import org.springframework.stereotype.Component;

/**
 * From where a request comes. What a client writes into {@code X-Forwarded-For} itself is not
 * believed: of that list only as many entries are read, from its end, as there are proxies of ours.
 */
@Component
public class Addresses {

  /** The longest text of an IPv6 address with a zone, and then some. */
  private static final int LONGEST = 60;

  private final ProxySettings proxy;

  Addresses(ProxySettings proxy) {
    this.proxy = proxy;
  }

  /** The client's address. */
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
}
