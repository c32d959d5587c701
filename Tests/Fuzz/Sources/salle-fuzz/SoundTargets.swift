import Audio
import Devices

extension FuzzTarget {
  /// Descriptions of microphone arrays.
  static let arrayDescription = FuzzTarget(name: "array-description") { bytes in
    do throws(MediaFileError) {
      let description = try ArrayDescription(yaml: Array(bytes), path: "array.yaml")
      require(description.channels.count == description.array.microphones.count, "channels and microphones differ")
      require((1...MicrophoneArray.maximumCount).contains(description.channels.count), "\(description.channels)")
      require(Set(description.channels).count == description.channels.count, "a channel twice")
      require(
        description.channels.allSatisfy { (0..<(description.channelCount ?? 16)).contains($0) }, "no such channel")
    } catch {
      require(!error.description.isEmpty, "an error without words")
    }
  } seeds: {
    let positions =
      "microphones:\n  - {channel: 1, position: [-0.032, 0.000, 0]}\n  - channel: 2\n    position: [0, 1e-2, 0]\n"
    return [
      "name: Table\nmatch:\n  - usb: \"2886:0018\"\n  - card: 'O''Brien'\nchannels: 6\n" + positions,
      "---\n# none\nname: \"A # b\" # c\n" + positions, "name: x\nmicrophones: [{channel: 0, position: [0,0,0]}]\r\n",
      "-\n  - a: b\n    c:\n    - d\n- [a, [b, {c: d}]]\n",
    ].map { Array($0.utf8) }
  }

  /// What screens say of the sound that they can play.
  static let eld = FuzzTarget(name: "eld") { bytes in
    guard let eld = try? ELD(Array(bytes)) else { return }
    require((0...8).contains(eld.channelCount) && (0...500).contains(eld.delayMilliseconds), "\(eld)")
    require(eld.monitorName.utf8.count <= 16 && eld.formats.count <= 15, "\(eld)")
  } seeds: {
    [
      "1000080066201400000000000000000000000000" + "4c4142205456" + "0f1f07" + "150750",
      "f80000000000000000000000000000000000000000000000",
    ].map(\.hexadecimalBytes)
  }
}
