package io.capataz.supervisor.webhook;

import io.capataz.supervisor.job.OriginKind;
import org.springframework.stereotype.Component;

/** The origin of what deliveries start. */
@Component
class WebhookOrigin implements OriginKind {

  static final String WORD = "webhook";

  @Override
  public String word() {
    return WORD;
  }
}
