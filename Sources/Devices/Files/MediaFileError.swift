/// Why a media file can't be used. The description names the file and says what is wrong with it.
public struct MediaFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The operating system refused to open, read or write it; the number is its `errno`. Look at path and rights.
    case system(Int32)
    /// Nothing in it says that it is a file of a known kind.
    case unknownFormat
    /// It begins like a file of its kind, but goes on wrongly; the text says where.
    case malformed(String)
    /// It is of a known kind, in a variant that Salle doesn't read; the text names it.
    case unsupported(String)
    /// There is no picture or sound in it.
    case empty
  }

  /// The file's path as given.
  public let path: String
  /// What is wrong.
  public let reason: Reason

  /// An error about a file.
  public init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// One sentence for logs.
  public var description: String {
    switch reason {
    case .system(let number): "\(path): the system says \(SystemError.text(number))"
    case .unknownFormat: "\(path): the format is not known"
    case .malformed(let detail): "\(path): damaged, \(detail)"
    case .unsupported(let detail): "\(path): \(detail) is not supported"
    case .empty: "\(path): nothing in it"
    }
  }
}
