package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/**
 * {@code docs/reference/settings.md} is printed from the settings records. {@code ./mvnw -pl
 * supervisor -am test -Dtest=SettingsPageTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false} regenerates it.
 */
class SettingsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "reference", "settings.md");

  /** Values for settings that do not accept just any value of their type. */
  private static final Map<String, String> VALID =
      Map.ofEntries(
          Map.entry("capataz.oidc.issuer", "https://id.example.org"),
          Map.entry("capataz.oidc.scopes", "openid,profile"),
          Map.entry("capataz.oidc.redirect-uri", "https://capataz.example.org/login/oidc/callback"),
          Map.entry("capataz.oidc.client-secret-file", ""),
          Map.entry("capataz.outbound.allowed-networks", "10.1.0.0/16,192.168.0.0/24"),
          Map.entry("capataz.direct-access.libraries", "acme/one,acme/two"),
          Map.entry("capataz.mail.security", "TLS"),
          Map.entry("capataz.kafka-security.protocol", "SASL_SSL"),
          Map.entry("capataz.kafka-security.mechanism", "PLAIN"),
          Map.entry("capataz.web.allowed-origins", "https://a.example.org,https://b.example.org"),
          Map.entry("capataz.drafts.endpoint", "https://model.example.org/v1"),
          Map.entry("capataz.drafts.key-file", ""),
          Map.entry("capataz.drafts.timeout", "PT1M"));

  @Test
  void the_page_is_what_the_records_print() throws Exception {
    var page = page();
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).hasContent(page);
  }

  /** A setting that is given by one of its names on the page arrives in its component. */
  @ParameterizedTest
  @MethodSource("records")
  void each_name_on_the_page_sets_what_it_says(Class<?> type) throws Exception {
    var inFile = new HashMap<String, Object>();
    var inEnvironment = new HashMap<String, Object>();
    for (var component : type.getRecordComponents()) {
      var name = nameOf(type, component);
      var value = VALID.getOrDefault(name, sampleOf(component.getType()));
      if (!value.isEmpty()) {
        inFile.put(name, value);
        inEnvironment.put(variableOf(name), value);
      }
    }
    for (var source :
        List.of(
            new MapPropertySource("file", inFile),
            new SystemEnvironmentPropertySource("systemEnvironment", inEnvironment))) {
      var bound = Binder.get(holding(source)).bind(prefixOf(type), Bindable.of(type)).get();
      for (var component : type.getRecordComponents()) {
        component.getAccessor().setAccessible(true);
        var name = nameOf(type, component);
        assertThat(textOf(component.getAccessor().invoke(bound)))
            .as(name + " in " + source.getName())
            .isEqualTo(inFile.get(name));
      }
    }
  }

  /** An environment with this and nothing else in it. */
  private static ConfigurableEnvironment holding(PropertySource<?> source) {
    var environment =
        new StandardEnvironment() {
          @Override
          protected void customizePropertySources(MutablePropertySources sources) {}
        };
    environment.getPropertySources().addFirst(source);
    return environment;
  }

  private static String sampleOf(Class<?> type) {
    if (type == int.class) {
      return "7";
    }
    if (type == long.class) {
      return "8";
    }
    if (type == double.class) {
      return "7.5";
    }
    if (type == boolean.class) {
      return "true";
    }
    return type == Duration.class ? "PT48H" : "sample";
  }

  private static @Nullable String textOf(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Secret secret -> secret.reveal();
      case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(","));
      default -> value.toString();
    };
  }

  static List<Class<?>> records() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    var types = new ArrayList<Class<?>>();
    for (var found : scanner.findCandidateComponents("io.capataz.supervisor")) {
      types.add(Class.forName(found.getBeanClassName()));
    }
    types.sort(Comparator.comparing(SettingsPageTest::prefixOf).thenComparing(Class::getName));
    return types;
  }

  private static String prefixOf(Class<?> type) {
    return type.getAnnotation(ConfigurationProperties.class).value();
  }

  private static String nameOf(Class<?> type, RecordComponent component) {
    return prefixOf(type) + "." + DataObjectPropertyName.toDashedForm(component.getName());
  }

  private static String variableOf(String name) {
    return name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  private static String page() throws IOException, ClassNotFoundException {
    var said = Javadocs.of(Path.of("src", "main", "java"));
    var page =
        new StringBuilder(
            """
            # Settings of a supervisor

            *Generated from the settings records by `SettingsPageTest`; do not edit.*

            A setting has one name in three spellings: `capataz.oidc.issuer` in a file (`--config` or `./application.yaml`),
            `CAPATAZ_OIDC_ISSUER` in the environment, `--oidc-issuer` as a flag. A flag wins over the environment, and that over
            a file. `./capataz supervisor --help` lists the flags. Secrets themselves have no flag, only the
            files that hold them: every user of a machine can read command lines.
            """);
    for (var type : records()) {
      var comment = said.of(type);
      page.append("\n## %s\n\n%s\n\n".formatted(titleOf(type), comment.text()));
      page.append("| setting | environment | default | meaning |\n|---|---|---|---|\n");
      var parameters = type.getDeclaredConstructors()[0].getParameters();
      for (var i = 0; i < parameters.length; i++) {
        var component = type.getRecordComponents()[i];
        var name = nameOf(type, component);
        page.append(
            "| `%s` | `%s` | %s | %s |\n"
                .formatted(
                    name,
                    variableOf(name),
                    defaultOf(parameters[i]),
                    comment.parameters().getOrDefault(component.getName(), "").replace("\n", " ")));
      }
    }
    return page.toString();
  }

  private static String titleOf(Class<?> type) {
    return type.getSimpleName().replace("Settings", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
  }

  private static String defaultOf(Parameter parameter) {
    var fallback = parameter.getAnnotation(DefaultValue.class);
    if (fallback == null || Stream.of(fallback.value()).allMatch(String::isEmpty)) {
      return "";
    }
    return Arrays.stream(fallback.value()).collect(Collectors.joining(",", "`", "`"));
  }
}
