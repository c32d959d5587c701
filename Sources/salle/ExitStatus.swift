import ArgumentParser
import LiveKit
import Meeting
import Visio

/// The program's exit statuses: one for each thing that a script, or the person who wrote it, would do differently.
enum ExitStatus: Int32, CaseIterable {
  case success = 0
  case invalidCode = 2
  case noSuchMeeting = 3
  case networkUnavailable = 4
  case tlsFailed = 5
  case notVisio = 6
  case refused = 7
  case unanswered = 8
  case removed = 9
  case duplicateIdentity = 10
  case connectionLost = 11
  case mediaBlocked = 12
  case deviceUnusable = 13
  case serviceFailed = 14
  case throttled = 15
  case screenUnusable = 16
  case stateUnusable = 17
  case listenFailed = 18
  /// ArgumentParser's own, from sysexits.h.
  case usage = 64
  case interrupted = 130

  /// The status of a meeting that ended in this way.
  init(_ ending: MeetingEnding) {
    self =
      switch ending {
      case .left, .ended: .success
      case .cancelled: .interrupted
      case .visio(let error): Self(error)
      case .refused: .refused
      case .unanswered: .unanswered
      case .meetingDeleted: .noSuchMeeting
      case .noServer: .serviceFailed
      case .notJoined(.tls): .tlsFailed
      case .notJoined(.unreachable), .notJoined(.timedOut), .notJoined(.closed): .networkUnavailable
      case .notJoined: .serviceFailed
      case .removed: .removed
      case .duplicateIdentity: .duplicateIdentity
      case .connectionLost: .connectionLost
      case .mediaBlocked: .mediaBlocked
      }
  }

  private init(_ error: VisioError) {
    self =
      switch error {
      case .instanceNotFound, .instanceUnreachable, .timedOut: .networkUnavailable
      case .untrustedCertificate, .tlsFailed: .tlsFailed
      case .notVisio, .redirectRefused: .notVisio
      case .noSuchMeeting: .noSuchMeeting
      case .cancelled: .interrupted
      case .throttled: .throttled
      case .notAllowed, .rejected, .serverFailed, .unreadableAnswer: .serviceFailed
      }
  }

  /// As ArgumentParser takes it.
  var code: ExitCode { ExitCode(rawValue) }

  /// For the program's help.
  static let help =
    "Exit status:\n"
    + allCases.map { status in
      let number = String(status.rawValue)
      return "  " + String(repeating: " ", count: 3 - number.count) + number + "  " + status.meaning
    }.joined(separator: "\n")

  /// For the help of a subcommand.
  static let hint = "The exit statuses are listed by “salle --help”."

  private var meaning: String {
    switch self {
    case .success: "the room left, or the meeting ended"
    case .invalidCode: "the code, link or instance is not one"
    case .noSuchMeeting: "no meeting has this code"
    case .networkUnavailable: "the instance or its media server can't be reached"
    case .tlsFailed: "the secure connection failed, or its certificate isn't trusted"
    case .notVisio: "the address is not that of a Visio instance"
    case .refused: "an organiser refused the room at the door"
    case .unanswered: "nobody answered at the door"
    case .removed: "an organiser removed the room"
    case .duplicateIdentity: "the room joined from another device"
    case .connectionLost: "the connection broke"
    case .mediaBlocked: "the network blocks sound and picture"
    case .deviceUnusable: "a camera, microphone or loudspeaker can't be used"
    case .serviceFailed: "the instance or its media server failed or refused"
    case .throttled: "the instance asks to be left alone for a while"
    case .screenUnusable: "the screen can't be shown; its port may be taken"
    case .stateUnusable: "the state directory can't be used; another program may have it"
    case .listenFailed: "a port of the room's own services can't be used, or their certificate"
    case .usage: "the command line isn't understood"
    case .interrupted: "interrupted while joining"
    }
  }
}
