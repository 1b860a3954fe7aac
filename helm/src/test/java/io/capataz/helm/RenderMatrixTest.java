package io.capataz.helm;

import static io.capataz.helm.Rendered.each;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds whatever is chosen: rendered over combinations of values files, and read as strictly
 * as a cluster would.
 */
class RenderMatrixTest {

  private static final Path VAULT = Path.of("src/test/resources/vault.yaml");

  static Stream<List<Path>> combinations() {
    return Facets.pairwise().stream();
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void every_combination_is_valid_and_safe(List<Path> chosen) {
    var files = new ArrayList<>(chosen);
    files.add(VAULT);
    var rendered = Chart.render(files.toArray(Path[]::new));

    for (var manifest : rendered.manifests()) {
      assertThat(KubernetesModel.unknownFields(manifest)).isEmpty();
      assertThat(manifest.at("/metadata/name").asText())
          .matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    }
    assertThat(rendered.manifests().stream().map(RenderMatrixTest::identity))
        .doesNotHaveDuplicates();
    assertThat(rendered.pods()).allSatisfy(RenderMatrixTest::isRestricted);
    assertThat(rendered.pods()).allSatisfy(RenderMatrixTest::mountsWhatItNames);
    assertThat(rendered.manifests()).allSatisfy(manifest -> selectsItsOwnPods(manifest, rendered));
    noSecretIsMade(rendered);
  }

  @Test
  void every_two_files_stand_together_somewhere() {
    var combinations = Facets.pairwise();
    assertThat(combinations).hasSizeLessThan(120);
    for (var a : combinations.stream().flatMap(List::stream).collect(Collectors.toSet())) {
      for (var b : combinations.stream().flatMap(List::stream).collect(Collectors.toSet())) {
        if (!Objects.equals(a.getParent(), b.getParent())) {
          assertThat(combinations).anyMatch(chosen -> chosen.contains(a) && chosen.contains(b));
        }
      }
    }
  }

  private static String identity(JsonNode manifest) {
    return manifest.path("apiVersion").asText()
        + manifest.path("kind").asText()
        + manifest.at("/metadata/name").asText();
  }

  /**
   * Pod Security Standards call it restricted; agents with users for their scripts need a few
   * capabilities of root.
   */
  private static void isRestricted(JsonNode pod) {
    var spec = pod.path("spec");
    var security = spec.path("securityContext");
    boolean usersOfTheirOwn = security.path("runAsUser").asInt(-1) == 0;
    assertThat(security.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(spec.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(spec.path("enableServiceLinks").asBoolean(true)).isFalse();
    assertThat(spec.has("hostNetwork") || spec.has("hostPID") || spec.has("hostIPC")).isFalse();
    assertThat(security.path("runAsNonRoot").asBoolean(false)).isNotEqualTo(usersOfTheirOwn);
    for (var container : containers(spec)) {
      var its = container.path("securityContext");
      assertThat(its.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(its.path("readOnlyRootFilesystem").asBoolean(false)).isTrue();
      assertThat(its.path("privileged").asBoolean(false)).isFalse();
      assertThat(its.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
      assertThat(its.at("/capabilities/add").isMissingNode())
          .isNotEqualTo(usersOfTheirOwn && container.path("name").asText().equals("agent"));
    }
  }

  private static List<JsonNode> containers(JsonNode spec) {
    return Stream.concat(
            each(spec.path("containers")).stream(), each(spec.path("initContainers")).stream())
        .toList();
  }

  private static void mountsWhatItNames(JsonNode pod) {
    var spec = pod.path("spec");
    var volumes =
        each(spec.path("volumes")).stream().map(volume -> volume.path("name").asText()).toList();
    assertThat(volumes).doesNotHaveDuplicates();
    for (var container : containers(spec)) {
      var mounts = each(container.path("volumeMounts"));
      var files = mounts.stream().map(mount -> mount.path("mountPath").asText()).toList();
      assertThat(files).doesNotHaveDuplicates();
      // The volume `data` of a StatefulSet comes from its claim.
      assertThat(mounts)
          .allMatch(
              mount ->
                  volumes.contains(mount.path("name").asText())
                      || mount.path("name").asText().equals("data"));
      var variables = each(container.path("env"));
      assertThat(variables.stream().map(variable -> variable.path("name").asText()))
          .doesNotHaveDuplicates();
      assertThat(variables)
          .filteredOn(variable -> variable.path("name").asText().endsWith("_FILE"))
          .allMatch(
              variable ->
                  files.stream()
                      .anyMatch(
                          folder -> variable.path("value").asText().startsWith(folder + "/")));
    }
  }

  private static void selectsItsOwnPods(JsonNode manifest, Rendered rendered) {
    var selector =
        switch (manifest.path("kind").asText()) {
          case "Deployment", "DaemonSet", "StatefulSet", "PodDisruptionBudget", "ServiceMonitor" ->
              manifest.at("/spec/selector/matchLabels");
          case "NetworkPolicy" -> manifest.at("/spec/podSelector/matchLabels");
          case "Service" -> manifest.at("/spec/selector");
          default -> manifest.path("nothing");
        };
    if (selector.isObject()) {
      assertThat(
              rendered.pods().stream()
                  .filter(pod -> matches(pod, selector))
                  .map(pod -> pod.at("/spec/containers/0/name").asText()))
          .as(identity(manifest))
          .hasSize(1);
    }
  }

  private static boolean matches(JsonNode pod, JsonNode selector) {
    return selector.properties().stream()
        .allMatch(
            label -> label.getValue().equals(pod.at("/metadata/labels").path(label.getKey())));
  }

  /** Secrets are named, and nothing of the kind is rendered. */
  private static void noSecretIsMade(Rendered rendered) {
    assertThat(rendered.manifests())
        .noneMatch(manifest -> manifest.path("kind").asText().equals("Secret"));
    for (var pod : rendered.pods()) {
      for (var container : containers(pod.path("spec"))) {
        assertThat(each(container.path("env")))
            .filteredOn(
                variable ->
                    variable.path("name").asText().matches(".*(PASSWORD|SECRET|TOKEN|KEY|URI)"))
            .allMatch(variable -> variable.has("valueFrom"));
      }
    }
  }
}
