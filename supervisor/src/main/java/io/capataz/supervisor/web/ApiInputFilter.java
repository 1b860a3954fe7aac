package io.capataz.supervisor.web;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Reads query and body of a client's request once, within limits, before authentication, because
 * the token may be in the body (seed 004). Messages from agents are only limited in size.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class ApiInputFilter extends OncePerRequestFilter {

  /**
   * The maximum size of a client's body. A script may be 5 MiB, which base64 makes a third longer.
   */
  static final int MAX_BODY = 7 * 1024 * 1024;

  /** The maximum size where neither scripts nor files are sent, see {@link LargeBody}. */
  static final int USUAL_BODY = 1024 * 1024;

  /** The maximum size of an agent's message; output arrives in chunks. */
  static final int MAX_MESSAGE = 16 * 1024 * 1024;

  private static final int MAX_PARAMETERS = 2_000;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NUMBER = 100;
  private static final int MAX_TOKENS = 100_000;

  private static final int PIECE = 16 * 1024;

  /** How long a whole body may take to arrive, besides the time for {@link #SLOWEST}. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Bytes a second; slower senders would only hold memory. */
  private static final int SLOWEST = 64 * 1024;

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER)
                          .maxStringLength(MAX_BODY)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Numbers reach scripts as sent.
          .addModule(MessageJson.numbersAsSent())
          .build();

  private final BodyBudget budget;
  private final PerAddress senders;
  private final ClientAddress addresses;
  private final LongSupplier nanos;

  @Autowired
  ApiInputFilter(BodyBudget budget, ConnectionSettings settings, ClientAddress addresses) {
    this(budget, new PerAddress(settings.sendingPerAddress()), addresses, System::nanoTime);
  }

  ApiInputFilter(
      BodyBudget budget, PerAddress senders, ClientAddress addresses, LongSupplier nanos) {
    this.budget = budget;
    this.senders = senders;
    this.addresses = addresses;
    this.nanos = nanos;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (ApiInput.isAttached(request)) {
      chain.doFilter(request, response); // It leads nowhere; its body stays unread.
      return;
    }
    try (var share = budget.share()) {
      doFilter(request, response, chain, share);
    }
  }

  private void doFilter(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      BodyBudget.Share share)
      throws ServletException, IOException {
    try {
      if (request.getRequestURI().startsWith("/agent/")) {
        if (request.getContentLengthLong() > MAX_MESSAGE) {
          throw ApiProblem.tooLarge("The message must have at most " + MAX_MESSAGE + " bytes.");
        }
        chain.doFilter(new Bounded(request), response);
        return;
      }
      ApiInput.attach(
          request, new ApiInput(body(request, share), ApiInput.queryOf(request).query()));
    } catch (ApiProblem problem) {
      if (!refusesItself(request, problem)) {
        Problems.write(response, problem);
        return;
      }
      ApiInput.attachUnreadable(request, problem);
    }
    chain.doFilter(request, response);
  }

  private static boolean refusesItself(HttpServletRequest request, ApiProblem problem) {
    return (problem.status() == HttpStatus.BAD_REQUEST
            || problem.status() == HttpStatus.UNSUPPORTED_MEDIA_TYPE)
        && RouteFilter.routeOf(request)
            .map(route -> route.getMethodAnnotation(Accepts.class))
            .filter(accepts -> accepts.body() == Accepts.Body.REFUSED_BY_ROUTE)
            .isPresent();
  }

  private @Nullable JsonNode body(HttpServletRequest request, BodyBudget.Share share)
      throws IOException {
    var bytes = received(request, share);
    if (bytes.length == 0) {
      return null;
    }
    var isAny = anyBody(request).isPresent();
    if (isAny) {
      ApiInput.attachBytes(request, Bytes.of(bytes));
      if (request.getContentType() == null) {
        return isJson(bytes) ? json(bytes) : text(bytes);
      }
    }
    var type = mediaType(request.getContentType());
    if (MediaType.APPLICATION_JSON.equalsTypeAndSubtype(type)
        || type.getSubtype().endsWith("+json")) {
      return json(bytes);
    }
    if (MediaType.APPLICATION_FORM_URLENCODED.equalsTypeAndSubtype(type)) {
      // curl -d sends this type with anything. Encoders of forms escape these characters.
      return isJson(bytes) ? json(bytes) : form(parameters(StrictText.utf8(bytes)));
    }
    if (MediaType.MULTIPART_FORM_DATA.equalsTypeAndSubtype(type)) {
      return FormFields.object(MultipartBody.read(bytes, type));
    }
    if (isAny) {
      return text(bytes);
    }
    throw ApiProblem.unsupportedType(
        "Unsupported Content-Type '"
            + type.getType()
            + "/"
            + type.getSubtype()
            + "'. Send application/json, application/x-www-form-urlencoded or"
            + " multipart/form-data.");
  }

  /** Those who send slowly share what one address may have under way. */
  private byte[] received(HttpServletRequest request, BodyBudget.Share share) throws IOException {
    if (request.getContentLengthLong() <= 0 && request.getHeader("Transfer-Encoding") == null) {
      return bytes(request, share);
    }
    var sender = ClientNetwork.of(addresses.of(request));
    if (!senders.enter(sender)) {
      throw ApiProblem.tooMany(
          "Too many requests of this address are still being sent. Wait for some of them, or let an"
              + " operator raise capataz.connections.sending-per-address.",
          5);
    }
    try {
      return bytes(request, share);
    } finally {
      senders.leave(sender);
    }
  }

  private byte[] bytes(HttpServletRequest request, BodyBudget.Share share) throws IOException {
    var most = most(request);
    if (request.getContentLengthLong() > most) {
      throw tooLarge(most);
    }
    var begun = nanos.getAsLong();
    var read = new ByteArrayOutputStream();
    var stream = request.getInputStream();
    var piece = new byte[PIECE];
    for (var length = stream.read(piece); length >= 0; length = stream.read(piece)) {
      if (read.size() + length > most) {
        throw tooLarge(most);
      }
      share.growTo(read.size() + length);
      read.write(piece, 0, length);
      var allowed = PATIENCE.plusSeconds(read.size() / SLOWEST);
      if (nanos.getAsLong() - begun > allowed.toNanos()) {
        throw ApiProblem.timedOut("The body arrived too slowly. Send it again.");
      }
    }
    return read.toByteArray();
  }

  private static int most(HttpServletRequest request) {
    var large =
        RouteFilter.routeOf(request)
            .filter(route -> route.hasMethodAnnotation(LargeBody.class))
            .isPresent();
    return anyBody(request).map(AnyBody::most).orElse(large ? MAX_BODY : USUAL_BODY);
  }

  private static Optional<AnyBody> anyBody(HttpServletRequest request) {
    return RouteFilter.routeOf(request).map(route -> route.getMethodAnnotation(AnyBody.class));
  }

  private static JsonNode text(byte[] bytes) {
    return JsonNodeFactory.instance.stringNode(StrictText.utf8(bytes));
  }

  private static ApiProblem tooLarge(int most) {
    return ApiProblem.tooLarge("The body must have at most " + most + " bytes.");
  }

  private static boolean isJson(byte[] bytes) {
    for (var each : bytes) {
      if (!Character.isWhitespace(each)) {
        return each == '{' || each == '[';
      }
    }
    return false;
  }

  private static MediaType mediaType(@Nullable String header) {
    if (header == null) {
      throw ApiProblem.unsupportedType(
          "The body has no Content-Type. Send application/json, application/x-www-form-urlencoded"
              + " or multipart/form-data.");
    }
    try {
      return MediaType.parseMediaType(header);
    } catch (InvalidMediaTypeException e) {
      throw ApiProblem.unsupportedType("The Content-Type header is not a valid media type.");
    }
  }

  private static JsonNode json(byte[] bytes) {
    try {
      var node = STRICT.readTree(bytes);
      if (node.isMissingNode()) {
        throw ApiProblem.badRequest(
            "invalid_json", "The body is empty, but its Content-Type is JSON.");
      }
      StrictText.refuseHalfCharacters(node);
      return node;
    } catch (JacksonException e) {
      var place = e.getLocation();
      throw ApiProblem.badRequest(
          "invalid_json",
          "Invalid JSON at line "
              + (place == null ? 1 : place.getLineNr())
              + ", column "
              + (place == null ? 1 : place.getColumnNr())
              + ": "
              + reason(e)
              + ".");
    } catch (NumberFormatException e) {
      throw ApiProblem.badRequest(
          "invalid_json", "Invalid JSON: a number in the body is too large.");
    }
  }

  /** Says what is wrong without the words of the parser, which name its classes and settings. */
  private static String reason(JacksonException failure) {
    var said = String.valueOf(failure.getOriginalMessage());
    if (failure instanceof StreamConstraintsException) {
      return said.contains("depth")
          ? "more than " + MAX_DEPTH + " levels"
          : said.contains("Number")
              ? "a number with more than " + MAX_NUMBER + " characters"
              : "more than " + MAX_TOKENS + " values";
    }
    if (failure instanceof UnexpectedEndOfInputException) {
      return "it ends too early";
    }
    if (failure instanceof DatabindException) {
      return "something follows after the end of the value";
    }
    return said.startsWith("Duplicate") ? "a name occurs twice in an object" : "unexpected text";
  }

  private static JsonNode form(Map<String, List<String>> parameters) {
    var values = new LinkedHashMap<String, List<JsonNode>>();
    parameters.forEach(
        (name, texts) ->
            values.put(
                name, texts.stream().<JsonNode>map(JsonNodeFactory.instance::stringNode).toList()));
    return FormFields.object(values);
  }

  static Map<String, List<String>> parameters(@Nullable String encoded) {
    var parameters = new LinkedHashMap<String, List<String>>();
    if (encoded == null || encoded.isEmpty()) {
      return parameters;
    }
    var pairs = encoded.split("&", MAX_PARAMETERS + 1);
    if (pairs.length > MAX_PARAMETERS) {
      throw ApiProblem.badRequest(
          "too_many_parameters", "More than " + MAX_PARAMETERS + " parameters are not allowed.");
    }
    for (var pair : pairs) {
      if (pair.isEmpty()) {
        continue;
      }
      var equals = pair.indexOf('=');
      var name = StrictText.percentDecoded(equals < 0 ? pair : pair.substring(0, equals));
      var value = equals < 0 ? "" : StrictText.percentDecoded(pair.substring(equals + 1));
      parameters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
    return parameters;
  }

  /** Rejects a chunked message that is too long. */
  private static final class Bounded extends HttpServletRequestWrapper {
    Bounded(HttpServletRequest request) {
      super(request);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      var stream = super.getInputStream();
      return new ServletInputStream() {
        private int left = MAX_MESSAGE;

        @Override
        public int read() throws IOException {
          return count(stream.read(), 1);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          var read = stream.read(buffer, offset, length);
          return count(read, read);
        }

        private int count(int result, int bytes) throws IOException {
          if (result >= 0) {
            left -= bytes;
            if (left < 0) {
              throw new IOException("The message must have at most " + MAX_MESSAGE + " bytes.");
            }
          }
          return result;
        }

        @Override
        public boolean isFinished() {
          return stream.isFinished();
        }

        @Override
        public boolean isReady() {
          return stream.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
          stream.setReadListener(listener);
        }
      };
    }
  }
}
