package io.capataz.supervisor.library;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.library.ApiTask.Endpoint;
import io.capataz.supervisor.library.ApiTask.Version;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An API task in a response, as far as the caller may see it.
 *
 * @param id the {@code id} of {@code POST /resource}
 * @param taskId the ordinary task that runs it
 * @param version the version that runs for the caller if none is named
 * @param level the level of that version: U, O or P
 * @param kind of that version: {@code function} or {@code class}
 * @param endpoints of that version
 * @param versions those that the caller may run, oldest first
 * @param promoted the version whose level was changed by this request
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ApiTaskView(
    String id,
    String library,
    String name,
    String taskId,
    String version,
    String level,
    String kind,
    @Nullable String description,
    List<String> tags,
    List<EndpointView> endpoints,
    List<VersionView> versions,
    @Nullable String promoted) {

  /** Something that can be called. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EndpointView(String name, @Nullable String help, List<ParameterView> parameters) {
    private static EndpointView of(Endpoint endpoint) {
      return new EndpointView(
          endpoint.name(),
          endpoint.help(),
          endpoint.parameters().stream().map(ParameterView::of).toList());
    }
  }

  /**
   * A parameter.
   *
   * @param type {@code int}, {@code float}, {@code bool}, {@code str}, {@code date}, {@code
   *     datetime} or {@code json}
   * @param annotation the type in the words of its author
   * @param byDefault its default, if JSON has it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ParameterView(
      String name,
      String type,
      @Nullable String annotation,
      boolean required,
      @JsonProperty("default") @Nullable JsonNode byDefault) {
    private static ParameterView of(FunctionParameter parameter) {
      return new ParameterView(
          parameter.name(),
          parameter.type().word(),
          parameter.annotation(),
          parameter.required(),
          parameter.byDefault() == null
              ? null
              : MessageJson.mapper().readTree(parameter.byDefault()));
    }
  }

  /**
   * A version.
   *
   * @param sourceControl who may see its source: {@code view}, {@code edit} or {@code noAccess}
   * @param apiAccess whether {@code POST /resource} runs it
   * @param deployable whether it may run without being waited for
   * @param taskType {@code generic}, {@code UI} or {@code operational}
   * @param by who registered it
   */
  record VersionView(
      String version,
      String level,
      @JsonProperty("sourceControl") String sourceControl,
      @JsonProperty("apiAccess") boolean apiAccess,
      boolean deployable,
      @JsonProperty("taskType") String taskType,
      String by,
      Instant creationDate) {
    private static VersionView of(Version version) {
      var exposure = version.exposure();
      return new VersionView(
          version.versionNumber().toString(),
          version.level().name(),
          exposure.sourceControl().word(),
          exposure.apiAccess(),
          exposure.deployable(),
          exposure.taskType(),
          version.by(),
          version.at());
    }
  }

  /** The task as this member sees it, of which they may run at least one version. */
  static ApiTaskView of(ApiTask task, Caller.Member member) {
    var shown = task.usualFor(member).orElseGet(task::chosenVersion);
    var definition = shown.definition();
    return new ApiTaskView(
        task.id(),
        task.library(),
        task.name(),
        task.task(),
        shown.versionNumber().toString(),
        shown.level().name(),
        JobView.lower(definition.kind()),
        definition.description(),
        definition.tags(),
        definition.endpoints().stream().map(EndpointView::of).toList(),
        task.versionsFor(member).stream().map(VersionView::of).toList(),
        null);
  }

  ApiTaskView promoting(VersionNumber number) {
    return new ApiTaskView(
        id,
        library,
        name,
        taskId,
        version,
        level,
        kind,
        description,
        tags,
        endpoints,
        versions,
        number.toString());
  }
}
