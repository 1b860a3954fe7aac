package io.capataz.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The shape of the main code of all modules: constructor calls that can be read, classes and
 * methods that fit the eye. A record with too many components is split into records of its groups.
 */
class SourceShapeTest {

  private static final int MOST_ARGUMENTS = 12;

  private static final int LONGEST_CLASS = 600;

  /**
   * Of the 90th percentile, in lines of code between the braces. Comments do not count, because
   * nobody should leave one out to pass. To be lowered, never raised.
   */
  private static final int LONG_METHOD = 15;

  @Test
  void of_all_main_sources() throws IOException {
    var shape = shapeOf(mainSources());

    System.out.printf(
        "methods: %d, of which 90 %% have at most %d lines of code; the longest class has %d"
            + " lines%n",
        shape.methods.size(), shape.percentile(90), shape.longest);
    assertThat(shape.methods).hasSizeGreaterThan(1_000);
    assertThat(shape.tooWide).describedAs("calls with too many arguments").isEmpty();
    assertThat(shape.tooLong).describedAs("classes that are too long").isEmpty();
    assertThat(shape.percentile(90)).isLessThanOrEqualTo(LONG_METHOD);
  }

  @Test
  void a_planted_violation_is_found() throws IOException {
    var arguments = "1" + ", 1".repeat(MOST_ARGUMENTS);
    var lines = "int i;\n\n// why\n".repeat(LONGEST_CLASS);
    var shape =
        shapeOf(
            List.of(
                new Text(
                    "class Wide { Object o = new Wide(%s); void m() {\n%s} }"
                        .formatted(arguments, lines))));

    assertThat(shape.tooWide).singleElement().asString().contains("Wide");
    assertThat(shape.tooLong).singleElement().asString().contains("Wide");
    assertThat(shape.percentile(90)).isEqualTo(LONGEST_CLASS);
  }

  private static List<JavaFileObject> mainSources() throws IOException {
    var manager =
        ToolProvider.getSystemJavaCompiler()
            .getStandardFileManager(null, null, StandardCharsets.UTF_8);
    var sources = new ArrayList<Path>();
    try (var modules = Files.list(Path.of(".."))) {
      for (var module : modules.toList()) {
        var main = module.resolve("src/main/java");
        if (Files.isDirectory(main)) {
          try (var files = Files.walk(main)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    var objects = new ArrayList<JavaFileObject>();
    manager.getJavaFileObjectsFromPaths(sources).forEach(objects::add);
    return objects;
  }

  private static Shape shapeOf(List<JavaFileObject> sources) throws IOException {
    var task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of("-proc:none"), null, sources);
    var shape = new Shape(Trees.instance(task));
    for (var unit : task.parse()) {
      shape.in(unit);
    }
    return shape;
  }

  private static final class Shape extends TreeScanner<@Nullable Void, CompilationUnitTree> {
    private final Trees trees;
    private final List<Long> methods = new ArrayList<>();
    private final List<String> tooWide = new ArrayList<>();
    private final List<String> tooLong = new ArrayList<>();
    private long longest;

    Shape(Trees trees) {
      this.trees = trees;
    }

    void in(CompilationUnitTree unit) {
      unit.getTypeDecls().forEach(type -> measure(type, unit));
      scan(unit, unit);
    }

    private void measure(Tree type, CompilationUnitTree unit) {
      if (type instanceof ClassTree named) {
        var lines = lines(type, unit);
        longest = Math.max(longest, lines);
        if (lines > LONGEST_CLASS) {
          tooLong.add(named.getSimpleName() + ": " + lines + " lines");
        }
      }
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, CompilationUnitTree unit) {
      if (method.getBody() != null) {
        methods.add(Math.max(0, linesOfCode(method.getBody(), unit) - 2));
      }
      return super.visitMethod(method, unit);
    }

    @Override
    public @Nullable Void visitNewClass(NewClassTree call, CompilationUnitTree unit) {
      if (call.getArguments().size() > MOST_ARGUMENTS) {
        tooWide.add(
            "new %s with %d arguments in %s"
                .formatted(
                    call.getIdentifier(),
                    call.getArguments().size(),
                    unit.getSourceFile().getName()));
      }
      return super.visitNewClass(call, unit);
    }

    private long lines(Tree tree, CompilationUnitTree unit) {
      var positions = trees.getSourcePositions();
      var numbers = unit.getLineMap();
      return numbers.getLineNumber(positions.getEndPosition(unit, tree))
          - numbers.getLineNumber(positions.getStartPosition(unit, tree))
          + 1;
    }

    private long linesOfCode(Tree tree, CompilationUnitTree unit) {
      var positions = trees.getSourcePositions();
      var from = (int) positions.getStartPosition(unit, tree);
      var to = (int) positions.getEndPosition(unit, tree);
      try {
        return unit.getSourceFile()
            .getCharContent(true)
            .subSequence(from, to)
            .toString()
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("//"))
            .count();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    long percentile(int percent) {
      var sorted = methods.stream().sorted().toList();
      return sorted.get((sorted.size() - 1) * percent / 100);
    }
  }

  /** A source that is no file. */
  private static final class Text extends SimpleJavaFileObject {
    private final String text;

    Text(String text) {
      super(URI.create("string:///Wide.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
