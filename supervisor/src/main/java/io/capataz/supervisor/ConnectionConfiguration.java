package io.capataz.supervisor;

import io.capataz.supervisor.web.ClientAddress;
import io.capataz.supervisor.web.ConnectionSettings;
import io.capataz.supervisor.web.CountedConnections;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How many connections one client may have. */
@Configuration(proxyBeanMethods = false)
class ConnectionConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> countedConnections(
      ConnectionSettings settings, ClientAddress addresses) {
    var most = addresses.isProxied() ? 0 : settings.perAddress();
    return factory -> {
      factory.setProtocol(CountedConnections.class.getName());
      factory.addConnectorCustomizers(
          connector -> {
            if (connector.getProtocolHandler() instanceof CountedConnections counted) {
              counted.limit(most);
            }
          });
    };
  }
}
