import LiveKitMessages
import Realtime
import SwiftProtobuf
import WebRTC

extension ClientSession {
  private static let reliableLabel = "_reliable"
  private static let lossyLabel = "_lossy"

  /// With two connections the room opens the channels on the one on which the client receives.
  func openDataChannels() {
    let now = MonotonicClock.now
    let lossyOptions = DataChannelOptions(isOrdered: false, reliability: .maximumRetransmits(0))
    let connection = subscriber.connection
    reliableChannel = try? connection.createDataChannel(label: Self.reliableLabel, at: now)
    lossyChannel = try? connection.createDataChannel(label: Self.lossyLabel, options: lossyOptions, at: now)
  }

  /// With one connection the client opened them, for both directions.
  func channelOffered(_ channel: DataChannelID, _ label: String) {
    switch label {
    case Self.reliableLabel: reliableChannel = channel
    case Self.lossyLabel: lossyChannel = channel
    default: return
    }
    channelOpened(channel)
  }

  /// A channel is open: what waited for it goes out.
  func channelOpened(_ channel: DataChannelID) {
    openChannels.insert(channel)
    guard channel == reliableChannel else { return }
    let waiting = pendingData
    pendingData.removeAll()
    pendingDataSize = 0
    for bytes in waiting { send(bytes, on: channel) }
  }

  /// A message of the client.
  func receiveData(_ bytes: [UInt8], _ peer: Peer, _ channel: DataChannelID) {
    guard let label = peer.connection.dataChannel(channel)?.label,
      let packet = try? LKDataPacket(serializedBytes: bytes)
    else { return }
    room.distribute(packet, isReliable: label != Self.lossyLabel, from: member)
  }

  private func send(_ bytes: [UInt8], on channel: DataChannelID) {
    // What doesn't fit into the queue is lost to this client, which is too slow.
    try? bytes.withUnsafeBytes { bytes in
      try subscriber.connection.send(bytes, isBinary: true, on: channel, at: MonotonicClock.now)
    }
    subscriber.flush()
  }

  /// Sends a message of another member to the client.
  func receive(_ packet: LKDataPacket, isReliable: Bool) {
    guard let bytes: [UInt8] = try? packet.serializedBytes() else { return }
    if let channel = isReliable ? reliableChannel : lossyChannel, openChannels.contains(channel) {
      return send(bytes, on: channel)
    }
    guard isReliable, pendingDataSize + bytes.count <= Self.pendingDataLimit else { return }
    pendingData.append(bytes)
    pendingDataSize += bytes.count
  }
}
