package io.capataz.supervisor.callback;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * What a person, a token or an organization says about callbacks.
 *
 * @param id whose it is
 * @param callbackUrl the address for jobs that name no other one; null: none
 * @param origins those to which the organization's static key is sent; only of an organization
 * @param addresses e-mail addresses that may be sent to, besides those of members; only of an
 *     organization
 */
@Document("callback_profiles")
record Profile(
    @Id String id,
    String organization,
    @Nullable String callbackUrl,
    List<String> origins,
    List<String> addresses) {

  Profile {
    origins = origins == null ? List.of() : List.copyOf(origins);
    addresses = addresses == null ? List.of() : List.copyOf(addresses);
  }

  static String idOf(String organization) {
    return "organization:" + organization;
  }

  static String idOf(String organization, String user) {
    return "member:" + organization + ":" + user;
  }
}
