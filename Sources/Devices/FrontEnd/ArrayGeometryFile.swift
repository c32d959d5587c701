import Audio
import FoundationEssentials

extension MicrophoneArray {
  /// Reads an array's geometry from a JSON file that holds `{"array": {"mics_m": [[x, y, z], …]}}`: the microphones'
  /// positions in metres, in the order of the capture device's channels. Whatever else is in it doesn't matter. Of an array
  /// description (a file whose name ends in ".yaml") the positions are taken.
  public init(contentsOf path: String) throws(MediaFileError) {
    if path.hasSuffix(".yaml") {
      self = try ArrayDescription(contentsOf: path).array
      return
    }
    let file = try InputFile(path: path)
    guard (1...Self.maximumFileSize).contains(file.size) else { throw file.malformed("it is empty or very long") }
    let bytes = try file.bytes(Int(file.size), at: 0)
    let geometry: GeometryFile
    do {
      geometry = try JSONDecoder().decode(GeometryFile.self, from: Data(bytes))
    } catch {
      throw file.malformed("it isn't JSON with array.mics_m, a list of positions")
    }
    var microphones: [Position] = []
    for position in geometry.array.mics_m {
      guard position.count == 3 else { throw file.malformed("a position doesn't have three coordinates") }
      microphones.append(Position(x: position[0], y: position[1], z: position[2]))
    }
    guard let array = Self.array(microphones) else {
      throw file.malformed("there aren't 1 to \(Self.maximumCount) positions within 10 m")
    }
    self = array
  }

  // A typed error of another type can't be caught in a throwing initialiser.
  private static func array(_ microphones: [Position]) -> MicrophoneArray? {
    try? MicrophoneArray(microphones: microphones)
  }

  private static var maximumFileSize: Int64 { 1_000_000 }
}

private struct GeometryFile: Decodable {
  struct Array: Decodable {
    // The field's name in the file.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var mics_m: [[Float]]
  }

  var array: Array
}
