import Devices
import Meeting

/// Presents what is plugged into the room's input, for as long as it has a signal.
struct PresentationWatch {
  let devices: RoomDevices
  let meeting: Meeting

  /// How often the input is looked at.
  private static let interval = Duration.milliseconds(500)

  /// Runs until it is cancelled.
  func run() async {
    guard let source = devices.presentation else { return }
    var isPresenting = false
    while (try? await Task.sleep(for: Self.interval)) != nil {
      if isPresenting {
        guard source.status.condition != .showing else { continue }
        await meeting.stopPresenting()
        isPresenting = false
      } else if devices.isPresentationReady {
        // Refused, or not in the meeting yet: again the next time.
        isPresenting = (try? await meeting.present(source)) != nil
      }
    }
  }
}
