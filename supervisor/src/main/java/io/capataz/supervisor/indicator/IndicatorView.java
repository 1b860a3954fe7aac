package io.capataz.supervisor.indicator;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An indicator in a response.
 *
 * @param value what was reported last, as it was sent; of {@code html} too it is text, which must
 *     be shown as text
 * @param type {@code chart}, {@code text}, {@code html}, {@code progress}, {@code counter} or
 *     {@code file}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record IndicatorView(
    String id,
    String title,
    @Nullable JsonNode value,
    String type,
    @JsonProperty("_type") String className,
    String state,
    String severity,
    List<String> acl,
    @JsonUnwrapped LooksView looks,
    @JsonUnwrapped Owner owner) {

  /**
   * How it is shown.
   *
   * @param name its title, unless it has a name of its own
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LooksView(
      String name,
      @Nullable String description,
      boolean alerts,
      boolean sticky,
      boolean readOnly,
      List<String> tags,
      int order,
      int width,
      int height) {}

  /**
   * Whose it is.
   *
   * @param userId the id of who made it
   */
  record Owner(
      String customerId,
      String customerName,
      String userId,
      Instant creationDate,
      Instant lastUpdate) {}

  static IndicatorView of(Indicator indicator) {
    var looks = indicator.looks();
    var revision = indicator.revision();
    return new IndicatorView(
        indicator.id(),
        indicator.title(),
        indicator.value(),
        IndicatorFields.word(indicator.kind()),
        indicator.kind().className(),
        indicator.state(),
        indicator.severity(),
        indicator.acl().entries(),
        new LooksView(
            looks.name() == null ? indicator.title() : looks.name(),
            looks.description(),
            looks.alerts(),
            looks.sticky(),
            looks.readOnly(),
            looks.tags(),
            looks.order(),
            looks.width(),
            looks.height()),
        new Owner(
            indicator.organization(),
            indicator.organization(),
            revision.user(),
            revision.created(),
            revision.updated()));
  }
}
