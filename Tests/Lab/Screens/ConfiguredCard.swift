import Glibc

/// A vkms card put together through configfs: one CRTC with a primary and an overlay plane, and a connector, for each
/// head. It disappears with `remove`.
final class ConfiguredCard {
  /// What a connector's plug says.
  enum Plug: String {
    case connected = "1"
    case disconnected = "2"
  }

  private static let root = "/sys/kernel/config/vkms"
  private let folder: String
  private let heads: Int

  private let overlays: [String]

  /// A card with as many heads as `plugs`.
  init(_ name: String, plugs: [Plug], hasOverlays: Bool = true) throws {
    folder = "\(Self.root)/\(name)"
    heads = plugs.count
    overlays = hasOverlays ? ["planes/o"] : []
    try Self.make(folder)
    for (index, plug) in plugs.enumerated() {
      for part in ["crtcs/c", "encoders/e", "connectors/n", "planes/p"] + overlays {
        try Self.make("\(folder)/\(part)\(index)")
      }
      try Self.write("1", to: "\(folder)/planes/p\(index)/type")
      for overlay in overlays { try Self.write("0", to: "\(folder)/\(overlay)\(index)/type") }
      try Self.write("1", to: "\(folder)/crtcs/c\(index)/writeback")
      try self.plug(plug, head: index)
      for (link, target) in links(index) { try Self.link("\(folder)/\(link)", "\(folder)/\(target)") }
    }
    try Self.write("1", to: "\(folder)/enabled")
  }

  /// Plugs the display of a head in or out.
  func plug(_ plug: Plug, head: Int) throws {
    try Self.write(plug.rawValue, to: "\(folder)/connectors/n\(head)/status")
  }

  /// Takes the card out of the machine.
  func remove() {
    try? Self.write("0", to: "\(folder)/enabled")
    for index in 0..<heads {
      for (link, _) in links(index) { unlink("\(folder)/\(link)") }
      for part in overlays + ["planes/p", "connectors/n", "encoders/e", "crtcs/c"] {
        rmdir("\(folder)/\(part)\(index)")
      }
    }
    rmdir(folder)
  }

  private func links(_ index: Int) -> [(String, String)] {
    (["planes/p"] + overlays).map { ("\($0)\(index)/possible_crtcs/c", "crtcs/c\(index)") } + [
      ("encoders/e\(index)/possible_crtcs/c", "crtcs/c\(index)"),
      ("connectors/n\(index)/possible_encoders/e", "encoders/e\(index)"),
    ]
  }

  private static func make(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 else { throw LabError(what: "mkdir \(path)", code: errno) }
  }

  private static func link(_ path: String, _ target: String) throws {
    guard symlink(target, path) == 0 else { throw LabError(what: "link \(path)", code: errno) }
  }

  private static func write(_ text: String, to path: String) throws {
    try Lab.write(text, to: path)
  }
}
