package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.ClientRequest;
import de.bwaldvogel.mongo.wire.message.MessageHeader;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets nobody past who has not logged in, whatever they ask and in whatever form, but for what a
 * driver asks before it can.
 */
final class LoginGate extends SimpleChannelInboundHandler<ClientRequest> {

  private static final int UNAUTHORIZED = 13;

  private static final Set<String> BEFORE_LOGIN =
      Set.of("hello", "ismaster", "saslstart", "saslcontinue", "ping", "buildinfo", "endsessions");

  private final AtomicInteger answers = new AtomicInteger();

  LoginGate() {
    super(false);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ClientRequest request) {
    if (ScramLogin.isKnown(context.channel())) {
      context.fireChannelRead(request);
      return;
    }
    switch (request) {
      case MongoMessage message when isBeforeLogin(message.getDocument()) ->
          context.fireChannelRead(message);
      case MongoMessage message -> refuse(context, message);
      case MongoQuery query
          when query.getCollectionName().equals("$cmd") && isBeforeLogin(query.getQuery()) ->
          context.fireChannelRead(query);
      default -> close(context); // No driver speaks so, and there is no answer for it.
    }
  }

  private void refuse(ChannelHandlerContext context, MongoMessage message) {
    var _ =
        context
            .channel()
            .writeAndFlush(
                new MongoMessage(
                    context.channel(),
                    new MessageHeader(
                        answers.incrementAndGet(), message.getHeader().getRequestID()),
                    refusal()));
  }

  private static void close(ChannelHandlerContext context) {
    var _ = context.close();
  }

  private static boolean isBeforeLogin(Document command) {
    return !command.isEmpty()
        && BEFORE_LOGIN.contains(command.keySet().iterator().next().toLowerCase(Locale.ROOT));
  }

  private static Document refusal() {
    return new Document("ok", 0.0)
        .append("errmsg", "This store requires authentication.")
        .append("code", UNAUTHORIZED)
        .append("codeName", "Unauthorized");
  }

  /**
   * Closes connections that send much before they have logged in: a message may be 48 MB long, and
   * is kept in memory until it is complete.
   */
  static final class BytesBeforeLogin extends ChannelInboundHandlerAdapter {

    /** A greeting has a few hundred; one every ten seconds is what a driver watches a server by. */
    private static final int MOST_IN_ONE_MESSAGE = 16 << 10;

    private static final int BYTES_OF_LENGTH = 4;

    /** What is missing of the message that is under way. */
    private long missing;

    private final byte[] length = new byte[BYTES_OF_LENGTH];
    private int known;

    @Override
    public void channelRead(ChannelHandlerContext context, Object data) throws Exception {
      if (ScramLogin.isKnown(context.channel())) {
        context.pipeline().remove(this);
      } else if (data instanceof ByteBuf bytes && !isModest(bytes)) {
        bytes.release();
        close(context);
        return;
      }
      super.channelRead(context, data);
    }

    /** Follows the messages by their lengths, which come first and may arrive in parts. */
    private boolean isModest(ByteBuf bytes) {
      int at = bytes.readerIndex();
      int end = bytes.writerIndex();
      while (at < end) {
        if (missing > 0) {
          long step = Math.min(missing, end - at);
          missing -= step;
          at += (int) step;
          continue;
        }
        length[known++] = bytes.getByte(at++);
        if (known == BYTES_OF_LENGTH) {
          known = 0;
          long total =
              (length[0] & 0xffL)
                  | (length[1] & 0xffL) << 8
                  | (length[2] & 0xffL) << 16
                  | (length[3] & 0xffL) << 24;
          if (total > MOST_IN_ONE_MESSAGE || total < BYTES_OF_LENGTH) {
            return false;
          }
          missing = total - BYTES_OF_LENGTH;
        }
      }
      return true;
    }
  }
}
