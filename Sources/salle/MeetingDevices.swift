import Audio
import Catalogue
import Devices
import Realtime
import Video

/// The devices of one meeting, real ones or what stands in for them, as a command line wishes them.
final class MeetingDevices: Sendable {
  /// Why a meeting can't have the devices that were asked for.
  struct Failure: Error {
    var sentence: Sentence
    var detail: String
    var status: ExitStatus
  }

  let camera: (any CameraSource)?
  let pipeline: AudioPipeline
  /// Shows the picture in a browser or a file; nil when a display does, or nothing.
  let headless: HeadlessScreen?
  /// The devices that are plugged in; nil when only stand-ins are used.
  let room: RoomDevices?

  /// What the room's view is shown by, outside of meetings.
  let roomViews: [RoomViewScreen]

  /// Whether this is a room, not what stands in for one.
  let usesDevices: Bool
  /// Notes when sound was lost.
  let lateness = Lateness()

  private let options: RoomOptions
  private let loudspeaker: FileLoudspeaker?

  /// Makes the devices.
  /// - Parameters:
  ///   - defaults: camera and microphone where none is named, and the loudspeaker.
  ///   - showsRoomView: whether the screens show how the room stands outside of meetings.
  init(
    _ options: RoomOptions, defaults: Defaults, screen: ScreenChoice, showsRoomView: Bool = false
  ) throws(Failure) {
    self.options = options
    usesDevices = defaults == .devices
    let epoch = MonotonicClock.now
    let names = (
      camera: options.camera ?? defaults.source, microphone: options.microphone ?? defaults.source,
      speaker: options.speaker ?? defaults.speaker
    )
    let sources = (
      camera: DeviceSource(names.camera), microphone: DeviceSource(names.microphone),
      speaker: DeviceSource(names.speaker)
    )
    var standInCamera: (any CameraSource)?
    var microphone: (any AudioCapture)?
    var loudspeaker: FileLoudspeaker?
    if case .standIn(let name) = sources.camera {
      standInCamera = try Self.make(DeviceSentences.cameraUnreadable(name: name)) { () throws(MediaFileError) in
        try StandIns.camera(name, epoch: epoch)
      }
    }
    if case .standIn(let name) = sources.microphone {
      microphone = try Self.make(DeviceSentences.microphoneUnreadable(name: name)) { () throws(MediaFileError) in
        try StandIns.microphone(name, epoch: epoch)
      }
    }
    if case .standIn(let name) = sources.speaker {
      loudspeaker = try Self.make(DeviceSentences.speakerUnwritable(name: name)) { () throws(MediaFileError) in
        try StandIns.loudspeaker(name)
      }
    }
    self.loudspeaker = loudspeaker
    do throws(OpusError) {
      pipeline = try AudioPipeline(
        capture: microphone, playback: loudspeaker, processing: options.soundProcessing,
        firstTimestamp: UInt32.random(in: 0...UInt32.max))
    } catch {
      throw Failure(sentence: DeviceSentences.soundUnusable, detail: "\(error)", status: .deviceUnusable)
    }
    room = try Self.room(options, sources.camera, sources.microphone, sources.speaker, screen, pipeline)
    camera = standInCamera ?? room?.camera
    let isBrowser = if case .browser = screen { true } else { false }
    let needsPicture = isBrowser || screen == .none && options.snapshot != nil
    let headless = needsPicture ? HeadlessScreen(mode: Self.screenMode) : nil
    self.headless = headless
    let screens: [(any ScreenSink)?] = [room?.screen ?? headless, room?.contentScreen]
    do throws(RealtimeThread.Failure) {
      var views: [RoomViewScreen] = []
      if showsRoomView { for case let screen? in screens { views.append(try RoomViewScreen(screen)) } }
      roomViews = views
    } catch {
      throw Failure(
        sentence: DeviceSentences.screenUnusable(name: options.screen), detail: "\(error)", status: .screenUnusable)
    }
  }

  /// What is used where a command line names nothing.
  struct Defaults: Hashable {
    /// Camera and microphone.
    var source: String
    /// The loudspeaker.
    var speaker: String

    /// What is plugged in.
    static let devices = Defaults(source: "auto", speaker: "auto")
    /// What needs no device.
    static let standIns = Defaults(source: "synthetic", speaker: "none")
  }

  /// Where the meeting is shown; nil for nowhere.
  var screen: (any ScreenSink)? { room?.screen ?? headless }

  /// Writes what the screen shows to a PNG file.
  func writeSnapshot(to path: String) throws {
    if let display = room?.screen { return try display.writeSnapshot(to: path) }
    try headless?.writeSnapshot(to: path)
  }

  /// Gives everything back; the sound that was written to a file is whole then.
  func close() throws(Failure) {
    for view in roomViews { view.stop() }
    room?.close()
    do throws(MediaFileError) {
      try loudspeaker?.close()
    } catch {
      throw Failure(
        sentence: DeviceSentences.speakerUnwritable(name: options.speaker ?? ""), detail: error.description,
        status: .deviceUnusable)
    }
  }

  /// The usual meeting-room screen; 30 pictures a second are what cameras send.
  private static let screenMode = ScreenMode(width: 1_920, height: 1_080, refreshRate: 30)

  private static func room(
    _ options: RoomOptions, _ camera: DeviceSource, _ microphone: DeviceSource, _ speaker: DeviceSource,
    _ screen: ScreenChoice, _ pipeline: AudioPipeline
  ) throws(Failure) -> RoomDevices? {
    var rules: [DeviceRole: [DeviceRule]] = [:]
    rules[.camera] = camera.rules
    rules[.microphone] = microphone.rules
    rules[.loudspeaker] = speaker.rules
    rules[.presentation] = options.presentation.flatMap { DeviceSource($0).rules }
    if case .display(let displays) = screen { rules[.screen] = displays }
    guard !rules.isEmpty else { return nil }
    let profile = try Self.profile(options)
    do throws(RoomDevices.Failure) {
      var wishes = RoomWishes(rules, hasContentScreen: options.contentScreen)
      wishes.profile = profile
      let room = try RoomDevices(
        wishes, pipeline: pipeline, language: options.language)
      // A display that isn't plugged in yet is waited for; one that another program has is told of at once.
      if case .busy = room.screen?.status.fault {
        room.close()
        throw RoomDevices.Failure.system(16)
      }
      return room
    } catch {
      throw Failure(
        sentence: DeviceSentences.screenUnusable(name: options.screen), detail: "\(error)", status: .screenUnusable)
    }
  }

  /// The room's profile, if it has one.
  private static func profile(_ options: RoomOptions) throws(Failure) -> RoomProfile? {
    do throws(MediaFileError) {
      return try RoomProfile(contentsOf: options.roomProfile ?? RoomProfile.path)
    } catch {
      if options.roomProfile == nil, case .system(2) = error.reason { return nil }
      let path = options.roomProfile ?? RoomProfile.path
      throw Failure(
        sentence: DeviceSentences.profileUnreadable(path: path), detail: error.description, status: .deviceUnusable)
    }
  }

  private static func make<Device>(
    _ sentence: Sentence, _ make: () throws(MediaFileError) -> Device
  ) throws(Failure) -> Device {
    do {
      return try make()
    } catch {
      throw Failure(sentence: sentence, detail: error.description, status: .deviceUnusable)
    }
  }
}
