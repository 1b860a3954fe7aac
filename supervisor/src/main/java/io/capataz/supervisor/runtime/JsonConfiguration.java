package io.capataz.supervisor.runtime;

import io.capataz.common.protocol.MessageJson;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Responses to clients and messages to agents are written the same way. */
@Configuration(proxyBeanMethods = false)
class JsonConfiguration {

  @Bean
  JsonMapper jsonMapper() {
    return MessageJson.mapper();
  }
}
