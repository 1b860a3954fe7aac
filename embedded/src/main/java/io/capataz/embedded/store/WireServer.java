package io.capataz.embedded.store;

import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.wire.MongoDatabaseHandler;
import de.bwaldvogel.mongo.wire.MongoExceptionHandler;
import de.bwaldvogel.mongo.wire.MongoWireMessageEncoder;
import de.bwaldvogel.mongo.wire.MongoWireProtocolHandler;
import de.bwaldvogel.mongo.wire.MongoWireReplyEncoder;
import io.capataz.common.command.StartFailure;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Listens on the loopback address and hands every message to the backend. */
final class WireServer implements AutoCloseable {

  /**
   * A thread waits while its command waits for the commit, so there are more than processors. They
   * start when needed.
   */
  private static final int WORKERS = 64;

  private final EventLoopGroup acceptor;
  private final EventLoopGroup workers;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Channel listening;

  /**
   * @param login whether clients must log in; the backend knows how
   */
  WireServer(MongoBackend backend, int port, boolean login) {
    acceptor = group("store-acceptor-", 1);
    workers = group("store-worker-", WORKERS);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(acceptor, workers)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    ChannelPipeline pipeline = channel.pipeline();
                    if (login) {
                      pipeline.addLast(new LoginGate.BytesBeforeLogin());
                    }
                    pipeline.addLast(
                        new MongoWireReplyEncoder(),
                        new MongoWireMessageEncoder(),
                        new MongoWireProtocolHandler());
                    if (login) {
                      pipeline.addLast(new LoginGate());
                    }
                    pipeline.addLast(
                        new MongoDatabaseHandler(backend, connections),
                        new MongoExceptionHandler());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .awaitUninterruptibly();
    listening = bound.channel();
    if (!bound.isSuccess()) {
      close();
      throw new StartFailure(
          "Port %d of 127.0.0.1 is taken by another process. Stop that one, or choose another port for the store."
              .formatted(port));
    }
  }

  private static EventLoopGroup group(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads, Thread.ofPlatform().name(name, 0).daemon().factory(), NioIoHandler.newFactory());
  }

  String address() {
    return "127.0.0.1:" + ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Stops listening, closes all connections and waits until no command runs any more. */
  @Override
  public void close() {
    listening.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    Future<?> accepted = acceptor.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    Future<?> worked = workers.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    accepted.awaitUninterruptibly();
    worked.awaitUninterruptibly();
  }
}
