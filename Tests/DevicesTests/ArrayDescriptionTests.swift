import Audio
import Devices
import Foundation
import Testing

@Suite("Array descriptions")
struct ArrayDescriptionTests {
  private let arrays = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "rootfs/usr/share/salle/arrays").path()

  private func device(usb: DeviceIdentity.USB? = nil, card: String = "", channels: ClosedRange<Int>?) -> SoundDevice {
    SoundDevice(
      address: PCMAddress(card: 0, device: 0), direction: .capture, cardID: "x", cardName: card, name: "x",
      capabilities: channels.map { SoundCapabilities(channelCounts: $0, sampleRates: [16_000], formats: [.s16]) },
      sysfsPath: "", identity: DeviceIdentity(busPath: "", usb: usb), eld: nil, isHDMI: false)
  }

  @Test("the files that are shipped can be read, and find their devices")
  func shipped() throws {
    let library = ArrayLibrary(folders: [arrays])
    #expect(library.failures.isEmpty)
    #expect(library.descriptions.count >= 5)
    let table = device(usb: .init(vendor: 0x2886, product: 0x18), channels: 6...6)
    let description = try #require(library.description(of: table))
    #expect(description.name == "ReSpeaker USB 4-Mic Array")
    #expect(description.channels == [1, 2, 3, 4])
    #expect(description.array.microphones[3] == MicrophoneArray.Position(x: 0, y: 0.032, z: 0))
    #expect(description.request.channelCount == 6 && description.request.channels == [1, 2, 3, 4])
    // With other firmware it has one channel: a microphone as any other.
    let processed = device(usb: .init(vendor: 0x2886, product: 0x18), channels: 1...1)
    #expect(library.description(of: processed)?.channels == [0])
    #expect(library.description(of: device(card: "seeed8micvoicec", channels: nil))?.channels.count == 6)
    #expect(library.description(of: device(channels: 2...2))?.matches.isEmpty == true)
    // Circles have the radius that they should have.
    for described in library.descriptions {
      for position in described.array.microphones {
        let radius = (position.x * position.x + position.y * position.y).squareRoot()
        #expect([0, 0.032, 0.043, 0.0463].contains { abs($0 - radius) < 0.001 }, "\(described.name): \(radius)")
      }
    }
  }

  @Test("an installer's file goes before the shipped one of the same name")
  func order() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = "name: Ours\nmicrophones:\n- channel: 1\n  position: [0, 0, 0]\n"
    try Data(text.utf8).write(to: folder.appending(path: "generic.yaml"))
    try Data("name: [".utf8).write(to: folder.appending(path: "broken.yaml"))
    let library = ArrayLibrary(folders: [folder.path(), arrays, "/nowhere"])
    #expect(library.description(of: device(channels: 2...2))?.name == "Ours")
    #expect(library.failures.count == 1)
    #expect(try MicrophoneArray(contentsOf: folder.path() + "/generic.yaml").microphones.count == 1)
  }

  @Test("quotes, comments, flow and block forms mean the same")
  func forms() throws {
    let block =
      "name: \"A # b\"   # comment\nmicrophones:\n  -\n    channel: 0\n    position:\n      - 1\n      - -2e-1\n      - 0\n"
    let flow = "---\r\nname: 'A # b'\r\nmicrophones: [{channel: 0, position: [1, -0.2, 0]}]\r\n"
    #expect(try ArrayDescription(yaml: Array(block.utf8)) == ArrayDescription(yaml: Array(flow.utf8)))
  }

  @Test(
    "what is wrong is said",
    arguments: [
      ("", "nothing is in it"), ("name: a\nname: b\n", "line 2: name is there twice"),
      ("- a\n", "isn't a list of names"),
      ("name: a\nmicrophones: [{channel: 0, position: [0, 0, 0]\n", "isn't closed"),
      ("name: a\nmicrophones:\n", "line 2: there's no value"), ("name: a\n  b: c\n", "indented"),
      ("name: &x a\n", "quotes"), ("name: a\nshape: round\n", "nothing is called shape"),
      ("name: a\nmicrophones: [{channel: 0, position: [0, 0]}]\n", "three coordinates"),
      ("name: a\nmicrophones: [{channel: 0, position: [0, 0, nan]}]\n", "within 10 m"),
      ("name: a\nmicrophones: [{channel: 16, position: [0, 0, 0]}]\n", "channel"),
      ("name: a\nchannels: 1\nmicrophones: [{channel: 1, position: [0, 0, 0]}]\n", "channel"),
      ("name: a\nmatch: [{usb: 12}]\nmicrophones: [{channel: 0, position: [0, 0, 0]}]\n", "usb"),
      ("name: a\nmicrophones: []\n", "1 to 16"), ("name: " + String(repeating: "[", count: 40_000), "nested"),
      (String(repeating: "- ", count: 30_000) + "a", "nested"), (String(repeating: "a", count: 70_000), "64 kB"),
    ])
  func mistakes(text: String, words: String) {
    do throws(MediaFileError) {
      _ = try ArrayDescription(yaml: Array(text.utf8), path: "x.yaml")
      Issue.record("read")
    } catch {
      #expect(error.description.contains(words), "\(error.description)")
    }
  }
}
