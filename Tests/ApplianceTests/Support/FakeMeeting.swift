import Synchronization
import Video

@testable import Appliance

/// A meeting in which happens what the test says. Notes what it is told to do.
final class FakeMeeting: MeetingControlling {
  private struct State {
    var done: [String] = []
    var failure: CallFailure?
    var ending: CheckedContinuation<CallEnding, Never>?
    var ended: CallEnding?
  }

  let wishes: CallWishes
  let news: AsyncStream<CallNews>
  private let sink: AsyncStream<CallNews>.Continuation
  private let state = Mutex(State())

  init(_ wishes: CallWishes) {
    self.wishes = wishes
    (news, sink) = AsyncStream.makeStream()
  }

  /// What it was told to do since this was asked last.
  func done() -> [String] {
    state.withLock { state in
      defer { state.done = [] }
      return state.done
    }
  }

  /// Lets what it is told to do fail from now on; nil for no longer.
  func fail(_ failure: CallFailure?) { state.withLock { $0.failure = failure } }

  func happen(_ news: CallNews) { sink.yield(news) }

  func end(_ ending: CallEnding) {
    sink.finish()
    let waiting = state.withLock { state in
      state.ended = ending
      defer { state.ending = nil }
      return state.ending
    }
    waiting?.resume(returning: ending)
  }

  func run() async -> CallEnding {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state in
        if state.ended == nil { state.ending = continuation }
        return state.ended
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }

  func leave() async { end(CallEnding(.left, "left")) }

  private func note(_ what: String) throws(CallFailure) {
    let failure = state.withLock { state in
      state.done.append(what)
      return state.failure
    }
    if let failure { throw failure }
  }

  func setMicrophoneMuted(_ isMuted: Bool) async throws(CallFailure) { try note("microphone \(!isMuted)") }
  func setCameraMuted(_ isMuted: Bool) async throws(CallFailure) { try note("camera \(!isMuted)") }
  func setHandRaised(_ isRaised: Bool) async throws(CallFailure) { try note("hand \(isRaised)") }
  func sendReaction(_ reaction: String) async throws(CallFailure) { try note("reaction \(reaction)") }
  func sendChat(_ text: String) async throws(CallFailure) { try note("chat \(text)") }
  func startPresentation(input: Int) async throws(CallFailure) { try note("present \(input)") }
  func stopPresentation() async { try? note("present nothing") }
  func setLayout(_ layout: RoomLayout) async { try? note("layout \(layout)") }
  func setSelfViewShown(_ isShown: Bool) async { try? note("self \(isShown)") }
  func showVolume(_ percent: Int) async { try? note("volume \(percent)") }
  func setMessage(_ text: String?) async { try? note("message \(text ?? "none")") }
}

/// Makes such meetings for every number but `wrong`.
final class FakeJoiner: MeetingJoining {
  private let meetings = Mutex<[FakeMeeting]>([])

  var last: FakeMeeting? { meetings.withLock { $0.last } }
  var count: Int { meetings.withLock { $0.count } }

  func meeting(_ number: String, wishes: CallWishes) async throws(CallFailure) -> any MeetingControlling {
    guard number != "wrong" else { throw CallFailure("No such code") }
    let meeting = FakeMeeting(wishes)
    meetings.withLock { $0.append(meeting) }
    return meeting
  }
}

/// Devices that are what the test says.
final class FakeEquipment: RoomEquipment {
  let theCamera = FakeCamera()
  private let state = Mutex(
    (
      report: EquipmentReport(), volume: -1, isMuted: false, isAwake: true, views: [RoomView?](),
      screens: [Int: ScreenPreferences](), restarts: [Bool]()
    ))

  var report: EquipmentReport { state.withLock { $0.report } }
  var volume: Int { state.withLock { $0.isMuted ? 0 : $0.volume } }
  /// What the screen was told to show, without what came twice; nil for what a meeting shows.
  var views: [RoomView?] { state.withLock { $0.views } }
  /// How the screens were told to be driven.
  var screens: [Int: ScreenPreferences] { state.withLock { $0.screens } }
  var isAwake: Bool { state.withLock { $0.isAwake } }

  func change(_ body: (inout EquipmentReport) -> Void) { state.withLock { body(&$0.report) } }
  func setVolume(_ percent: Int, isMuted: Bool) {
    state.withLock { ($0.volume, $0.isMuted) = (percent, isMuted) }
  }
  func configureScreen(_ number: Int, _ preferences: ScreenPreferences) {
    state.withLock { $0.screens[number] = preferences }
  }
  /// What the machine was told to do: whether to turn itself off, the latest last.
  var restarts: [Bool] { state.withLock { $0.restarts } }
  func restart(shutsDown: Bool) throws(CallFailure) { state.withLock { $0.restarts.append(shutsDown) } }
  func selectCamera(_ number: Int) -> Bool {
    state.withLock { state in
      guard state.report.cameras.indices.contains(number - 1) else { return false }
      state.report.mainCamera = number
      return true
    }
  }
  func camera(_ number: Int) -> (any CameraControlling)? { number == 1 ? theCamera : nil }
  func show(_ view: RoomView?) {
    state.withLock { if $0.views.isEmpty || $0.views.last != view { $0.views.append(view) } }
  }
  func setScreenAwake(_ isAwake: Bool) { state.withLock { $0.isAwake = isAwake } }
}

/// A camera that notes how it is moved.
final class FakeCamera: CameraControlling {
  private let state = Mutex((motions: [CameraMotion](), view: "middle", failure: CallFailure?.none))

  /// How it was told to move, the latest last.
  var motions: [CameraMotion] { state.withLock { $0.motions } }
  /// Where it looks.
  var view: String { state.withLock { $0.view } }
  func look(_ view: String) { state.withLock { $0.view = view } }
  /// Lets what it is told to do fail from now on; nil for no longer.
  func fail(_ failure: CallFailure?) { state.withLock { $0.failure = failure } }

  var position: CameraPosition? { CameraPosition(pan: -0.5, tilt: 2, zoom: .nan) }

  func ramp(_ motion: CameraMotion) throws(CallFailure) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
    state.withLock { $0.motions.append(motion) }
  }

  func keep() throws(CallFailure) -> String {
    if let failure = state.withLock({ $0.failure }) { throw failure }
    return view
  }

  func recall(_ view: String) throws(CallFailure) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
    look(view)
  }
}
