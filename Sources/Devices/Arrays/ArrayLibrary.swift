#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The microphone arrays that are known: the files of one or more folders.
public struct ArrayLibrary: Sendable, Equatable {
  /// Where an installed room has its descriptions: what an installer put there goes before what the image brings.
  public static let folders = ["/etc/salle/arrays", "/usr/share/salle/arrays"]

  /// Descriptions by files, those that go before others first.
  public var descriptions: [ArrayDescription]
  /// Files that can't be read.
  public var failures: [MediaFileError]

  /// A library of these descriptions.
  public init(_ descriptions: [ArrayDescription] = []) {
    self.descriptions = descriptions
    failures = []
  }

  /// Reads all files of `folders` whose names end in ".yaml", by name; of two with one name the first folder's. A folder
  /// that isn't there is empty.
  public init(folders: [String]) {
    self.init()
    var seen: Set<String> = []
    for folder in folders {
      for name in Self.names(folder) where seen.insert(name).inserted {
        do throws(MediaFileError) {
          descriptions.append(try ArrayDescription(contentsOf: folder + "/" + name))
        } catch {
          failures.append(error)
        }
      }
    }
  }

  /// The description of `device`; else the first that describes no device in particular; nil if there is none.
  public func description(of device: SoundDevice) -> ArrayDescription? {
    descriptions.first { $0.describes(device) } ?? descriptions.first { $0.matches.isEmpty }
  }

  private static func names(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".yaml"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
