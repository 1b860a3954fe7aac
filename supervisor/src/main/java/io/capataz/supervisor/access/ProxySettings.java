package io.capataz.supervisor.access;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What stands between clients and this supervisor: {@code capataz.proxy.*}.
 *
 * @param trusted how many reverse proxies each request goes through. Each adds the address it was
 *     called from to {@code X-Forwarded-For}; with 0 that header is not read at all
 */
@ConfigurationProperties("capataz.proxy")
record ProxySettings(@DefaultValue("0") int trusted) {
  ProxySettings {
    if (trusted < 0 || trusted > 10) {
      throw new IllegalArgumentException(
          "capataz.proxy.trusted must be 0 to 10, not " + trusted + ".");
    }
  }
}
