import Catalogue
import Foundation
import Realtime
import Testing

@testable import Appliance

@Suite("Diagnostics")
struct RoomDiagnosticsTests {
  /// A room in a meeting with which all is well.
  private static let healthy = {
    var facts = RoomFacts()
    facts.hasPassword = true
    facts.calendar = "OK"
    facts.equipment.cameras = [.init(condition: .showing, model: "Cam")]
    facts.equipment.outputs = [.init(isConnected: true, name: "TV", width: 1_920, height: 1_080)]
    var sound = EquipmentReport.Sound()
    (sound.microphone, sound.loudspeaker, sound.isListening, sound.isPlaying) = (.fine, .fine, true, true)
    (sound.level, sound.echoReduction) = (-50, 30)
    facts.equipment.sound = sound
    var system = SystemFacts()
    (system.freeBytes, system.availableMemory, system.temperature) = (1_000_000_000, 0.5, 45)
    (system.isClockSynchronised, system.date) = (true, RoomHarness.date)
    system.certificateExpiry = RoomHarness.date + 365 * 86_400
    facts.system = system
    var network = NetworkFacts()
    (network.instance, network.clockLead) = (.reached, 1)
    facts.network = network
    return facts
  }()

  /// For each thing that can be wrong, what makes it so.
  private static let provocations: [RoomDiagnostic: @Sendable (inout RoomFacts) -> Void] = [
    .settingsInvalid: { $0.invalidSettings = ["Old Setting"] }, .settingsUnreadable: { $0.faults = [.settings] },
    .soundMissing: {
      $0.faults = [.sound]
      $0.equipment.sound?.microphone = .missing
      $0.equipment.sound?.loudspeaker = .missing
    },
    .microphoneMissing: { $0.equipment.sound?.microphone = .missing },
    .microphoneUnusable: { $0.equipment.sound?.microphone = .unusable },
    .loudspeakerMissing: { $0.equipment.sound?.loudspeaker = .missing },
    .loudspeakerUnusable: { $0.equipment.sound?.loudspeaker = .unusable },
    .microphoneSilent: { $0.equipment.sound?.level = -120 },
    .microphoneClipping: { $0.equipment.sound?.isOverloaded = true },
    .microphoneFaulty: { $0.equipment.sound?.faultyCount = 1 },
    .loudspeakerUnheard: { $0.equipment.sound?.echoReduction = nil },
    .echoRemains: { $0.equipment.sound?.echoReduction = 3 }, .howling: { $0.equipment.sound?.isHowling = true },
    .soundLate: { $0.equipment.sound?.isLate = true }, .screenMissing: { $0.faults = [.screen] },
    .screenAsleep: { $0.equipment.outputs[0].isAsleep = true },
    .cameraMissing: { $0.equipment.cameras[0].condition = .disconnected },
    .cameraCovered: { $0.equipment.cameras[0].condition = .covered },
    .cameraBusy: { $0.equipment.cameras[0].condition = .busy },
    .cameraFailing: { $0.equipment.cameras[0].condition = .failing },
    // What is further away isn't blamed.
    .noLink: {
      $0.network?.hasLink = false
      $0.network?.hasAddress = false
      $0.network?.hasRoute = false
      $0.network?.instance = .unknown
    },
    .noAddress: {
      $0.network?.hasAddress = false
      $0.network?.hasRoute = false
      $0.network?.instance = .unreachable
    },
    .noRoute: {
      $0.network?.hasRoute = false
      $0.network?.instance = .unreachable
    },
    .noNameServer: {
      $0.network?.hasNameServer = false
      $0.network?.instance = .unknown
    },
    .instanceUnset: { $0.network?.instance = .unset }, .instanceUnknown: { $0.network?.instance = .unknown },
    .instanceUnreachable: { $0.network?.instance = .unreachable },
    .instanceUntrusted: { $0.network?.instance = .untrusted },
    .encryptionFailed: { $0.network?.instance = .notEncrypted },
    .instanceForeign: { $0.network?.instance = .foreign }, .instanceFailing: { $0.network?.instance = .failing },
    .mediaBlocked: { $0.wasMediaBlocked = true }, .clockWrong: { $0.network?.clockLead = -3_600 },
    .clockUnsynchronised: { $0.system?.isClockSynchronised = false },
    .certificateExpiring: { $0.system?.certificateExpiry = RoomHarness.date + 29 * 86_400 },
    .certificateExpired: { $0.system?.certificateExpiry = RoomHarness.date - 1 },
    .diskFull: { $0.system?.freeBytes = 1_000 }, .diskReadOnly: { $0.system?.isReadOnly = true },
    .storageDamaged: { $0.isStorageDamaged = true }, .tooHot: { $0.system?.temperature = 85 },
    .underVoltage: { $0.system?.isUnderVoltage = true }, .memoryLow: { $0.system?.availableMemory = 0.01 },
    .passwordUnset: { $0.hasPassword = false }, .calendarUnreachable: { $0.calendar = "Unreachable" },
    .calendarRefused: { $0.calendar = "Refused" }, .calendarInvalid: { $0.calendar = "NotFound" },
  ]

  @Test("nothing is wrong with a healthy room, nor with what isn't known")
  func healthy() {
    #expect(Self.healthy.findings.isEmpty)
    #expect(RoomFacts().findings.isEmpty)
  }

  @Test("each is found when it is so, and nothing else with it", arguments: RoomDiagnostic.allCases)
  func each(diagnostic: RoomDiagnostic) throws {
    let provoke = try #require(Self.provocations[diagnostic])
    var facts = Self.healthy
    provoke(&facts)
    #expect(facts.findings == [diagnostic])
  }

  @Test("there are many, each with a name of its own and a remedy")
  func names() {
    #expect(RoomDiagnostic.allCases.count >= 30)
    #expect(Set(RoomDiagnostic.allCases.map(\.sentence)).count == RoomDiagnostic.allCases.count)
    #expect(RoomDiagnostic.Level.warning < .error && RoomDiagnostic.Level.error < .critical)
    #expect(RoomDiagnostic.screenMissing.level == .critical && RoomDiagnostic.cameraMissing.level == .error)
    #expect(RoomDiagnostic.howling.level == .warning)
  }

  @Test("a date before any release is wrong, whoever sets the clock; a standby screen only while the room is awake")
  func limits() {
    var facts = Self.healthy
    facts.system?.date = Date(timeIntervalSince1970: 0)
    #expect(facts.findings == [.clockWrong])
    facts = Self.healthy
    facts.equipment.outputs[0].isAsleep = true
    facts.isAwake = false
    #expect(facts.findings.isEmpty)
    // Outside of meetings nobody minds what the microphone hears.
    facts = Self.healthy
    facts.equipment.sound?.isListening = false
    facts.equipment.sound?.level = -120
    #expect(facts.findings.isEmpty)
  }

  @Test("what comes and goes is told once it has lasted; what is over goes at once")
  func patience() {
    var diagnostics = RoomDiagnostics()
    var facts = Self.healthy
    facts.equipment.sound?.level = -120
    let start = Instant(nanoseconds: 0)
    #expect(diagnostics.update(facts, at: start, .french).isEmpty)
    #expect(diagnostics.update(facts, at: start + .seconds(9), .french).isEmpty)
    #expect(diagnostics.update(Self.healthy, at: start + .milliseconds(9_500), .french).isEmpty)
    #expect(diagnostics.update(facts, at: start + .seconds(10), .french).isEmpty)
    guard
      case .began(let number, .microphoneSilent, let text)? = diagnostics.update(
        facts, at: start + .seconds(20), .french
      ).first
    else {
      Issue.record("not told")
      return
    }
    #expect(text == RoomDiagnostic.microphoneSilent.sentence.french)
    #expect(diagnostics.present == [.microphoneSilent])
    #expect(diagnostics.update(facts, at: start + .seconds(21), .french).isEmpty)
    #expect(diagnostics.update(Self.healthy, at: start + .seconds(22), .french) == [.ended(number, .microphoneSilent)])
  }
}
