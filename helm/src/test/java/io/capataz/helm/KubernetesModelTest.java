package io.capataz.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The strict reader finds what is planted. */
class KubernetesModelTest {

  @Test
  void a_misspelt_field_is_found_wherever_it_is() {
    var manifest =
        Rendered.read(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a, label: {}}
            spec:
              replica: 2
              template:
                spec:
                  containers: [{name: a, readinessProbe: {httpGet: {path: /, prot: api}}}]
            """);
    assertThat(KubernetesModel.unknownFields(manifest))
        .containsExactlyInAnyOrder(
            "apps/v1 Deployment .Metadata.label",
            "apps/v1 Deployment .Spec.replica",
            "apps/v1 Deployment .Spec.Template.Spec.Containers[].ReadinessProbe.HttpGet.prot");
  }

  @Test
  void a_value_of_the_wrong_type_is_refused() {
    var manifest = Rendered.read("{apiVersion: apps/v1, kind: Deployment, spec: {replicas: many}}");
    assertThatThrownBy(() -> KubernetesModel.unknownFields(manifest))
        .rootCause()
        .hasMessageContaining("many");
  }

  @Test
  void resources_of_operators_have_shapes() {
    var manifest =
        Rendered.read(
            "{apiVersion: cert-manager.io/v1, kind: Certificate, spec: {secret: a, dnsNames: b}}");
    assertThat(KubernetesModel.unknownFields(manifest))
        .containsExactly(
            "cert-manager.io/v1 Certificate .secret",
            "cert-manager.io/v1 Certificate .dnsNames is of another type");
    assertThat(KubernetesModel.unknownFields(Rendered.read("{apiVersion: a/v1, kind: B}")))
        .containsExactly("a/v1 B is neither of Kubernetes nor in shapes.yaml");
  }
}
