import LiveKitMessages
import Logging
import NIOCore
import Realtime
import WebRTC

/// The participants inside of the room, and what they do as time passes. Confined to the room's event loop.
final class Cast {
  /// What waits in the feeds is looked for at least so often; the echo needs it even.
  static let interval = TimeAmount.milliseconds(10)
  /// Clocks are told so often.
  static let clockInterval = Duration.seconds(1)
  /// The one who writes does something so often.
  static let chatInterval = Duration.seconds(10)

  /// Guests beyond this would be more than a machine encodes.
  static let maximumGuestCount = 16

  private let room: MeetingRoom
  private var pictures: [PictureTrack] = []
  private var voices: [VoiceTrack] = []
  private var publishers: [PracticePublisher] = []
  private var echo: EchoParticipant?
  private var writer: PracticePublisher?
  private var spectator: Spectator?
  private var timer: RepeatedTask?
  private var nextClock = Instant(nanoseconds: .min)
  private var nextChat: Instant
  private var turn = 0
  /// The synthetic participants, for the studio.
  private(set) var actors: [Studio.Actor] = []

  init(_ options: PracticeRoomOptions, room: MeetingRoom, at now: Instant) {
    self.room = room
    nextChat = now + .seconds(4)
    if options.hasSpectator { spectator = Spectator(room: room) }
    if options.participants.contains(.camille) { addActor("practice-camille", "Camille", .vp8, 0, 3, options) }
    if options.participants.contains(.dominique) { addActor("practice-dominique", "Dominique", .vp9, 4, 0, options) }
    for number in 0..<min(max(options.guestCount, 0), Self.maximumGuestCount) {
      addActor("practice-guest-\(number + 1)", "Invité \(number + 1)", .vp8, number + 5, number, options)
    }
    if options.participants.contains(.echo) { echo = EchoParticipant(room: room) }
    if options.participants.contains(.sacha) {
      writer = PracticePublisher(identity: "practice-sacha", name: "Sacha", room: room)
    }
  }

  private func addActor(
    _ identity: String, _ name: String, _ codec: VideoCodec, _ variant: Int, _ voice: Int,
    _ options: PracticeRoomOptions
  ) {
    let publisher = PracticePublisher(identity: identity, name: name, room: room)
    let pictureFeed = PictureFeed()
    let soundFeed = SoundFeed()
    let picture = PictureTrack(feed: pictureFeed)
    let sizes = [4, 2, 1].map { divisor in
      LayerChoice.Size(width: options.pictureWidth / divisor, height: options.pictureHeight / divisor)
    }
    picture.publish(by: publisher, codec: codec, sizes: sizes)
    pictures.append(picture)
    voices.append(VoiceTrack(feed: soundFeed, publisher: publisher))
    publishers.append(publisher)
    actors.append(
      Studio.Actor(
        codec: codec, variant: variant, voice: voice, name: name, pictures: pictureFeed, sound: soundFeed))
  }

  /// Begins the regular work.
  func start() {
    let cast = NIOLoopBound(self, eventLoop: room.eventLoop)
    timer = room.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { _ in
      cast.value.pump()
    }
  }

  /// Ends the regular work.
  func stop() {
    timer?.cancel()
    timer = nil
  }

  /// Hands on what the studio made, and does what is due.
  func pump() {
    let now = MonotonicClock.now
    for voice in voices { voice.pump(at: now) }
    for picture in pictures { picture.pump(at: now) }
    echo?.pump(at: now)
    if now >= nextClock {
      nextClock = now + Self.clockInterval
      for voice in voices { voice.synchronize(at: now) }
      for picture in pictures { picture.synchronize(at: now) }
    }
    if now >= nextChat {
      nextChat = now + Self.chatInterval
      act()
    }
  }

  private func act() {
    guard let writer, room.members.contains(where: { !$0.identity.hasPrefix("practice-") }) else { return }
    turn += 1
    switch turn % 4 {
    case 1:
      writer.chat("Bonjour, le micro et la caméra arrivent bien jusqu'ici. \u{1F44B}")
      setHand(of: writer, raised: true)
    case 2:
      setHand(of: writer, raised: false)
      writer.react("thumbs-up")
    case 3: writer.chat("Everything said here comes back from the echo two seconds later.")
    default: writer.react("clapping-hands")
    }
  }

  private func setHand(of publisher: PracticePublisher, raised: Bool) {
    let time = raised ? RoomServer.timestamp(WallClock.milliseconds) : nil
    room.update(publisher.member) { $0.attributes["handRaisedAt"] = time }
  }
}
