import Catalogue
import Video

/// The signs that stand for a camera's picture, each drawn when it is first needed. Belongs to the capturing thread.
final class CameraSigns {
  private let width: Int
  private let height: Int
  private let language: Language
  private var known: [String: StillSign] = [:]

  init(width: Int, height: Int, language: Language) {
    self.width = width
    self.height = height
    self.language = language
  }

  /// The sign for what is wrong; nil when nothing is.
  func sign(for condition: RoomCamera.Condition) -> StillSign? {
    switch condition {
    case .showing: nil
    case .disconnected: sign(.cameraOff, CameraSentences.disconnected)
    case .shutterClosed: sign(.shutter, CameraSentences.shutterClosed)
    case .noSignal: sign(.noSignal, CameraSentences.noSignal)
    case .busy: sign(.cameraOff, CameraSentences.busy)
    case .failing: sign(.cameraOff, CameraSentences.failing)
    }
  }

  private func sign(_ symbol: StillSign.Symbol, _ sentence: Sentence) -> StillSign {
    let title = sentence[language]
    if let sign = known[title] { return sign }
    // Those who look on may speak the other language.
    let other = Language.allCases.first { $0 != language } ?? language
    let sign = StillSign(symbol: symbol, title: title, subtitle: sentence[other], width: width, height: height)
    known[title] = sign
    return sign
  }
}
