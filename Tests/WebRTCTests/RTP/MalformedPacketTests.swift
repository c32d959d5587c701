import Realtime
import Testing

@testable import WebRTC

@Suite("Malformed RTP and RTCP")
struct MalformedPacketTests {
  @Test("every truncation of every sample is read or refused")
  func truncation() {
    for sample in RTPSamples.rtp + RTPSamples.rtcp {
      let whole = PacketBuffer(hexadecimal: sample)
      for count in 0...whole.count { Endpoint().receive(exactCopy: whole.bytes.prefix(count)) }
    }
  }

  @Test("every byte of every sample may have any value")
  func everyByte() {
    for sample in RTPSamples.rtp + RTPSamples.rtcp {
      let packet = PacketBuffer(hexadecimal: sample)
      let endpoint = Endpoint()
      for index in 0..<packet.count {
        let original = packet.memory[index]
        for value in UInt8.min...UInt8.max {
          packet.memory[index] = value
          endpoint.receive(exactCopy: packet.bytes[...])
        }
        packet.memory[index] = original
      }
    }
  }

  @Test("random changes to compounds of samples are survived", arguments: [1, 2, 3, 4])
  func mutation(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let endpoint = Endpoint()
    let samples = RTPSamples.rtp + RTPSamples.rtcp
    for _ in 0..<5_000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...4, using: &random) { text += samples.randomElement(using: &random) ?? "" }
      let packet = PacketBuffer(hexadecimal: text)
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        packet.memory[Int.random(in: 0..<packet.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      packet.count -= Int.random(in: 0..<4, using: &random)
      endpoint.receive(exactCopy: packet.bytes[...])
    }
  }

  /// All that handles packets from the network. What it made of them is of no interest, but that it returns is.
  private final class Endpoint {
    private let receiver = RTPReceiveStream(
      .init(
        ssrc: 0xDEAD_BEEF, clockRate: 90_000, retransmissionSSRC: 0xCAFE, retransmissionPayloadTypes: [112: 111],
        nackPolicy: .video))
    private let sender: RTPSendStream
    private var feedbackSender = TransportFeedbackSender()
    private var feedbackReceiver = TransportFeedbackReceiver()
    private let clock = NTPClock(NTPTime(rawValue: 0), at: Instant(nanoseconds: 0))
    private let buffer = PacketBuffer()
    private var now = Instant(nanoseconds: 0)

    init() {
      var random = SeededRandom(seed: 1)
      sender = RTPSendStream(.init(ssrc: 2, clockRate: 90_000), using: &random)
      for _ in 0..<100 { _ = feedbackSender.send(byteCount: 1, at: now) }
    }

    /// Receives a copy of `bytes` that ends where its memory does, so that sanitizers see each step beyond.
    func receive(exactCopy bytes: Slice<UnsafeRawBufferPointer>) {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
      defer { copy.deallocate() }
      copy.copyBytes(from: bytes)
      let packet = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[..<bytes.count])
      now = now + .milliseconds(1)
      receiveMedia(packet)
      receiveControl(packet)
      var writer = RTCPWriter(buffer)
      _ = receiver.pollFeedback(at: now, senderSSRC: 1, to: &writer)
      _ = feedbackReceiver.poll(at: now, senderSSRC: 1, to: &writer)
      while receiver.nextAbandoned() != nil {}
      #expect(receiver.missingCount <= 1_000)
    }

    private func receiveMedia(_ packet: UnsafeRawBufferPointer) {
      guard let header = try? RTPHeader(parsing: packet, extensions: RTPSamples.oneByteMap) else { return }
      #expect(header.payload.offset + header.payload.count + header.paddingCount == packet.count)
      let result = receiver.receive(header, packet, at: now)
      #expect(result.header.payload.offset + result.header.payload.count <= packet.count)
      if let number = header.extensions.transportSequenceNumber {
        feedbackReceiver.receive(number, ssrc: header.ssrc, at: now)
      }
      _ = try? header.write(to: buffer, extensions: RTPSamples.oneByteMap)
    }

    private func receiveControl(_ packet: UnsafeRawBufferPointer) {
      for packet in RTCPReader(packet) {
        switch packet {
        case .senderReport(let report):
          receiver.receive(report.information, at: now)
          _ = receiver.captureTime(of: 1)
          for block in report.blocks { sender.receive(block, at: now, clock: clock) }
        case .receiverReport(let report):
          for block in report.blocks { sender.receive(block, at: now, clock: clock) }
        case .sourceDescription(let description): for _ in description {}
        case .goodbye(let goodbye): for _ in goodbye {}
        case .extendedReport(let report): for _ in report {}
        case .genericNACK(let nack): sender.receive(nack, at: now)
        case .transportFeedback(let feedback): feedbackSender.receive(feedback, at: now) { _ in }
        case .pictureLossIndication: sender.receivePictureLossIndication()
        case .fullIntraRequest(let request): for entry in request { sender.receive(entry, senderSSRC: 1) }
        case .receiverEstimatedMaximumBitrate(let estimate): for _ in estimate {}
        case .other: break
        }
      }
    }
  }
}
