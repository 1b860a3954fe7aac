package io.capataz.supervisor.listing;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.http.ResponseEntity;

/**
 * The query of a list route: filters, order, limit and position.
 *
 * <p>{@code limit} is the maximum number of items. {@code cursor} continues a list; the previous
 * response contains it in {@code X-Next-Cursor} and {@code Link}. {@code sort} names a field, with
 * a leading minus for descending order. Everything else filters by the field of that name. The
 * original's {@code where[name]=x} and {@code sort[name]=-1} (seed 004's clients) are equivalent.
 *
 * @param order the field to sort by
 * @param descending whether the order is descending
 * @param limit the maximum number of items
 * @param after the last of the list before; null: from the beginning
 * @param filters what was asked of fields, by their names
 * @param query what was sent, encoded again, without its cursor and without a token
 */
public record Listing<T>(
    Order<T> order,
    boolean descending,
    int limit,
    @Nullable After after,
    Map<String, List<String>> filters,
    String query) {

  /** Query parameters that are not filters. */
  private static final Set<String> OTHERS =
      Set.of("limit", "cursor", "sort", "fields", "access_token", "customer");

  /** A token does not belong into a URL that we write. */
  private static final Set<String> NOT_FOR_THE_NEXT = Set.of("cursor", "access_token");

  public Listing {
    filters = Map.copyOf(filters);
  }

  /**
   * A sortable field.
   *
   * @param field holds a text, a number or an instant
   */
  public record Order<T>(TypedPropertyPath<T, ? extends Comparable<?>> field) {
    /** The value by which an item is sorted. */
    public Object valueOf(T item) {
      return Objects.requireNonNull(field.get(item));
    }
  }

  /** The same list, with at most so many items. */
  Listing<T> limitedTo(int items) {
    return new Listing<>(order, descending, items, after, filters, query);
  }

  /** The same list, continued after a position. */
  Listing<T> after(@Nullable After position) {
    return new Listing<>(order, descending, limit, position, filters, query);
  }

  /** The position of an item in a sorted list. */
  public record After(Object value, String id) {}

  /**
   * A page of a list.
   *
   * @param last the place of its last item, if there are more; else null
   */
  public record Page<T>(List<T> items, @Nullable After last) {
    public Page {
      items = List.copyOf(items);
    }
  }

  /** What a list route supports. */
  public record Offer<T>(
      Map<String, Order<T>> orders, String usual, Set<String> filters, int usualLimit, int most) {
    public Offer {
      orders = Map.copyOf(orders);
      filters = Set.copyOf(filters);
    }

    /**
     * Reads the query.
     *
     * @throws ApiProblem 400, naming each parameter that is wrong, and what there is
     */
    public Listing<T> read(ApiInput input) {
      var errors = new ArrayList<ApiProblem.FieldError>();
      var asked = new LinkedHashMap<String, List<String>>();
      var sort = usual;
      for (var entry : input.query().entrySet()) {
        var name = entry.getKey();
        var values = entry.getValue();
        var field = inBrackets("sort", name);
        if (field != null) {
          sort = (values.getFirst().startsWith("-") ? "-" : "") + field;
        } else if (name.equals("sort")) {
          sort = values.getFirst();
        } else if (!OTHERS.contains(name) && inBrackets("include", name) == null) {
          var where = inBrackets("where", name);
          var filter = where != null ? where : plain(name);
          if (filters.contains(filter)) {
            asked.merge(filter, values, (a, b) -> concat(a, b));
          } else {
            errors.add(
                wrong(
                    name,
                    "unknown_parameter",
                    "Unknown parameter. Known parameters: "
                        + String.join(", ", new TreeSet<>(filters))
                        + ", cursor, fields, limit, sort."));
          }
        }
      }
      var descending = sort.startsWith("-");
      var order = orders.get(descending ? sort.substring(1) : sort);
      if (order == null) {
        errors.add(
            wrong(
                "sort",
                "unknown_field",
                "must be one of "
                    + String.join(", ", new TreeSet<>(orders.keySet()))
                    + ", or one of those with a leading minus."));
      }
      var limit = limit(input, errors);
      var after =
          input
              .queryText("cursor")
              .filter(c -> !c.isEmpty())
              .map(cursor -> place(cursor, errors))
              .orElse(null);
      if (!errors.isEmpty() || order == null) {
        throw ApiProblem.invalid(errors);
      }
      return new Listing<>(order, descending, limit, after, asked, encoded(input));
    }

    private int limit(ApiInput input, List<ApiProblem.FieldError> errors) {
      var text = input.queryText("limit").orElse(null);
      if (text == null) {
        return usualLimit;
      }
      try {
        var limit = Integer.parseInt(text);
        if (limit >= 1 && limit <= most) {
          return limit;
        }
      } catch (NumberFormatException notANumber) {
        // Told below, like any other wrong number.
      }
      errors.add(wrong("limit", "out_of_range", "must be a whole number from 1 to " + most + "."));
      return usualLimit;
    }
  }

  /** The single value of a filter. */
  public Optional<String> filter(String name) {
    return Optional.ofNullable(filters.get(name)).map(List::getFirst);
  }

  /** All values of a filter; empty if it was not sent. */
  public List<String> filterAll(String name) {
    return filters.getOrDefault(name, List.of());
  }

  /** The response: an array, with headers for the next page. */
  public <V> ResponseEntity<List<V>> answer(Page<T> page, Function<T, V> view) {
    var answer = ResponseEntity.ok();
    if (page.last() != null) {
      var cursor = text(page.last());
      answer.header("X-Next-Cursor", cursor);
      answer.header("Link", "<?" + query + "cursor=" + cursor + ">; rel=\"next\"");
    }
    return answer.body(page.items().stream().map(view).toList());
  }

  /** The parameters of the next page, each followed by an ampersand. */
  private static String encoded(ApiInput input) {
    return input.query().entrySet().stream()
        .filter(parameter -> !NOT_FOR_THE_NEXT.contains(parameter.getKey()))
        .flatMap(
            parameter ->
                parameter.getValue().stream()
                    .map(value -> encoded(parameter.getKey()) + "=" + encoded(value) + "&"))
        .collect(Collectors.joining());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static List<String> concat(List<String> some, List<String> more) {
    var all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  private static String text(After place) {
    var text =
        switch (place.value()) {
              case Instant instant -> "i" + instant.toEpochMilli();
              case Number number -> "n" + number.longValue();
              default -> "s" + place.value();
            }
            + '\n'
            + place.id();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable After place(String cursor, List<ApiProblem.FieldError> errors) {
    try {
      var text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      var border = text.lastIndexOf('\n');
      if (border > 0) {
        var value = text.substring(1, border);
        var id = text.substring(border + 1);
        Object read =
            switch (text.charAt(0)) {
              case 'i' -> Instant.ofEpochMilli(Long.parseLong(value));
              case 'n' -> Long.parseLong(value);
              default -> value;
            };
        return new After(read, id);
      }
    } catch (IllegalArgumentException | DateTimeException notOurs) {
      // Told below.
    }
    errors.add(
        wrong(
            "cursor", "wrong_form", "must be a value of X-Next-Cursor, used with the same sort."));
    return null;
  }

  private static @Nullable String inBrackets(String word, String name) {
    return name.startsWith(word + "[") && name.endsWith("]") && !name.endsWith("[]")
        ? name.substring(word.length() + 1, name.length() - 1)
        : null;
  }

  private static String plain(String name) {
    return name.endsWith("[]") ? name.substring(0, name.length() - 2) : name;
  }

  private static ApiProblem.FieldError wrong(String name, String code, String detail) {
    return new ApiProblem.FieldError("/" + name, code, detail);
  }
}
