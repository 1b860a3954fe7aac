package io.capataz.supervisor.access;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Reverse proxies in front of this supervisor: {@code capataz.proxy.*}.
 *
 * @param trusted the number of reverse proxies each request passes through. Each adds its client's
 *     address to {@code X-Forwarded-For}; with 0 that header is ignored
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
