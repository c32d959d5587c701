import Control
import Logging
import NIOCore
import NIOSSL

/// Terminals by TCP over TLS.
struct TerminalListener: Listener {
  /// Terminals at once, whether signed in or not.
  static let maximumConnectionCount = 64

  private let listener: TLSListener<NIOAsyncChannel<ByteBuffer, Never>>
  private let center: ControlCenter
  private let options: TerminalOptions

  /// The port.
  var port: Int { listener.port }

  init(
    _ address: ListenAddress, center: ControlCenter, options: TerminalOptions, context: NIOSSLContext,
    group: any EventLoopGroup, logger: Logger
  ) async throws(ControlServerError) {
    self.center = center
    self.options = options
    listener = try await TLSListener(
      address, limit: Self.maximumConnectionCount, context: context, group: group, logger: logger
    ) { channel in
      try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }
  }

  func run() async {
    await listener.run { [center, options] channel in
      await SessionConnection(channel: channel, center: center).run(TerminalSession(options: options))
    }
  }
}
